"""Who may log in to the demonstration: one administrator, and one editor for each organisation. Passwords come from
whoever loads it; without one an account exists but nobody can use it."""

from __future__ import annotations

from collections.abc import Iterable

from cms.models import OrganisationPage, User

ADMIN = "admin"


def ensure_admin(password: str | None) -> User:
    """The administrator. A given password holds from now on."""
    rights = {"is_staff": True, "is_superuser": True}
    user, made = User.objects.get_or_create(username=ADMIN, defaults=rights | _face(ADMIN, "Demo", "Administrator"))
    _set_password(user, password, made)
    return user


def ensure_editors(organisations: Iterable[OrganisationPage], password: str | None) -> list[User]:
    """One for each organisation, named after its handle, in the organisation's own group."""
    users = []
    for page in organisations:
        name = f"editor-{page.handle}"
        user, made = User.objects.get_or_create(username=name, defaults=_face(name, "Editor", page.title))
        if made and page.editors is not None:
            user.groups.add(page.editors)
        _set_password(user, password, made)
        users.append(user)
    return users


def _face(username: str, first: str, last: str) -> dict[str, str]:
    """Without all of these, the form of one's own account cannot be saved. Nothing is ever delivered to a host below
    ``.example`` (RFC 2606)."""
    return {"first_name": first, "last_name": last[:150], "email": f"{username}@demo.example"}


def _set_password(user: User, password: str | None, made: bool) -> None:
    if password and not user.check_password(password):
        user.set_password(password)
    elif made and not password:
        user.set_unusable_password()
    else:
        return
    user.save(update_fields=["password"])
