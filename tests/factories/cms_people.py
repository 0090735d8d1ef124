"""People to log in with."""

from __future__ import annotations

import itertools

from django.contrib.auth.models import Group, Permission
from wagtail.models import GroupPagePermission, Site

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


def make_coordinator() -> User:
    """Somebody who may add, change and publish everything under the front page, and is no superuser."""
    user = make_user()
    group, new = Group.objects.get_or_create(name="Coordinators")
    if new:
        group.permissions.add(Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"))
        front = Site.objects.get(is_default_site=True).root_page
        for name in ("add_page", "change_page", "publish_page"):
            permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=name)
            GroupPagePermission.objects.create(group=group, page=front, permission=permission)
    user.groups.add(group)
    return user
