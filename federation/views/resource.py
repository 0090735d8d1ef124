"""What a WebFinger query asks for, in all the spellings that peers use (WF-03). Pure; it knows no actor, only which
names and addresses could be ours."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_LONGEST = 2048


class Account(NamedTuple):
    """``name`` is lower-case."""

    name: str


class Address(NamedTuple):
    """An address on our own origin. ``is_root`` if it is the origin itself."""

    url: str
    is_root: bool


def read_resource(resource: str, origin: str, host: str) -> Account | Address | None:
    """An account or an address of ours; None for anybody else's and for what is neither. ``host`` is what stands after
    the "@" of our handles."""
    text = resource.strip()
    if len(text) > _LONGEST or not unquote(text).isprintable():
        return None
    if text.lower().startswith(("https://", "http://")):
        return _read_address(text, origin)
    return _read_account(unquote(text), host)


def _read_account(text: str, host: str) -> Account | None:
    """With or without ``acct:`` and a leading "@"; some clients encode the "@" twice."""
    if text[:5].lower() == "acct:":
        text = text[5:]
    name, at, given_host = text.removeprefix("@").rpartition("@")
    if not at or not name or given_host.lower() != host.lower():
        return None
    return Account(name.lower())


def _read_address(text: str, origin: str) -> Address | None:
    try:
        given, ours = urlsplit(text), urlsplit(origin)
    except ValueError:
        return None
    if (given.scheme.lower(), given.netloc.lower()) != (ours.scheme, ours.netloc.lower()):
        return None
    # A fragment names a key or a part; whose it is stands before it.
    is_root = given.path in ("", "/") and not given.query
    return Address(f"{origin}{given.path}" + (f"?{given.query}" if given.query else ""), is_root)
