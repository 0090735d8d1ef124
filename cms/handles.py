"""Which handle a publisher may take. A handle is for ever: what was public once is never given to somebody else."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.coreutils import string_to_ascii

from cms.desk import desk
from cms.keys import SITE
from cms.models.handles import HANDLE_LENGTH, HandleClaim, valid_handle

# Names that are addresses or roles elsewhere: taking one would confuse people or software (WF-05).
# fmt: off
RESERVED = frozenset({
    "about", "abuse", "account", "accounts", "activity", "actor", "actors", "admin", "administrator", "announce",
    "ap", "api", "app", "apps", "auth", "billing", "bot", "contact", "federation", "feed", "followers", "following",
    "group", "hashtag", "help", "home", "host", "hostmaster", "inbox", "info", "instance", "internal", "legal",
    "login", "logout", "mail", "me", "media", "moderator", "nodeinfo", "noreply", "null", "oauth", "object",
    "objects", "official", "outbox", "postmaster", "privacy", "relay", "robot", "root", "search", "security",
    "server", "service", "settings", "shared_inbox", "site", "staff", "static", "status", "support", "sysadmin",
    "system", "tag", "tags", "undefined", "user", "users", "webfinger", "webmaster", "well_known", "www",
})
# fmt: on
SITE_HANDLE = "news"  # what the site itself is called until somebody names it


def problem_with(handle: str, publisher: str) -> str | None:
    """Why ``publisher`` (a key) may not take the handle, in words for the editor; None if it may."""
    try:
        valid_handle(handle)
    except ValidationError as error:
        return " ".join(error.messages)
    if handle in RESERVED or (handle == SITE_HANDLE and publisher != SITE):
        return _("“%(handle)s” is reserved. Please choose another handle.") % {"handle": handle}
    if _is_taken(handle, publisher):
        return _("“%(handle)s” belongs or belonged to somebody else. Please choose another handle.") % {
            "handle": handle
        }
    return None


def free_handle(name: str, publisher: str) -> str:
    """A handle made from a name, that ``publisher`` may take."""
    base = (
        re.sub(r"[^a-z0-9]+", "_", slugify(string_to_ascii(name))).strip("_")[:HANDLE_LENGTH].strip("_")
        or "organisation"
    )
    number = 1
    handle = base
    while problem_with(handle, publisher):
        number += 1
        ending = f"_{number}"
        handle = base[: HANDLE_LENGTH - len(ending)] + ending
    return handle


def _is_taken(handle: str, publisher: str) -> bool:
    claimed_by_another = HandleClaim.objects.filter(handle=handle).exclude(publisher=publisher).exists()
    return claimed_by_another or not desk().handle_is_free(handle, publisher)
