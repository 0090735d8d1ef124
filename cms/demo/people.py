"""Who may log in to the demonstration: one administrator, and one editor for each organisation. Passwords come from
whoever loads it; without one an account exists but nobody can use it."""

from __future__ import annotations

from collections.abc import Iterable

from cms.models import OrganisationPage, User

ADMIN = "admin"


def ensure_admin(password: str | None) -> User:
    """The administrator. A given password holds from now on."""
    user, made = User.objects.get_or_create(username=ADMIN, defaults={"is_staff": True, "is_superuser": True})
    _set_password(user, password, made)
    return user


def ensure_editors(organisations: Iterable[OrganisationPage], password: str | None) -> list[User]:
    """One for each organisation, named after its handle, in the organisation's own group."""
    users = []
    for page in organisations:
        user, made = User.objects.get_or_create(
            username=f"editor-{page.handle}", defaults={"first_name": "Editor", "last_name": page.title[:150]}
        )
        if made and page.editors is not None:
            user.groups.add(page.editors)
        _set_password(user, password, made)
        users.append(user)
    return users


def _set_password(user: User, password: str | None, made: bool) -> None:
    if password and not user.check_password(password):
        user.set_password(password)
    elif made and not password:
        user.set_unusable_password()
    else:
        return
    user.save(update_fields=["password"])
