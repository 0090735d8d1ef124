"""People to log in with."""

from __future__ import annotations

import itertools

from cms.models import OrganisationPage, User

_numbers = itertools.count(1)


def make_user(**fields: object) -> User:
    return User.objects.create_user(username=f"person{next(_numbers)}", password="correct horse battery", **fields)


def make_editor(organisation: OrganisationPage) -> User:
    """Somebody in the organisation's own group and nothing else."""
    user = make_user()
    user.groups.add(organisation.editors)
    return user


def make_admin() -> User:
    return make_user(is_superuser=True, is_staff=True)
