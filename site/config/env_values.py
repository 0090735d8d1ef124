"""How the value of each setting is read. Every function here takes the text of one environment variable and returns
what it means, or raises ``EnvError`` with half a sentence that follows the variable's name. None shows the value."""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from cryptography.fernet import Fernet
from django.conf.locale import LANG_INFO
from environs import EnvError

BASE_DIR = Path(__file__).resolve().parent.parent.parent

Network = IPv4Network | IPv6Network


def is_loopback(host: str) -> bool:
    """Whether ``host``, as it stands in an address, can only be this machine (RFC 6761 §6.3 for ``*.localhost``)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(value: str) -> str:
    """The one spelling of a web origin. Ids are stored with it for ever, so nothing is repaired silently."""
    parts = urlsplit(value)
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise EnvError("has a port that is not a number.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise EnvError("must look like https://news.example.org")
    if parts.username is not None or parts.path or parts.query or parts.fragment or value.endswith(("?", "#")):
        raise EnvError("must be only the origin: scheme, host and port, without a path or a slash at the end.")
    if not host.isascii() or value != value.lower():
        raise EnvError("must be written in lower case, an international name in its xn-- form.")
    if port == {"http": 80, "https": 443}[parts.scheme]:
        raise EnvError(f"must be written without the usual port: {parts.scheme}://{host}")
    if parts.scheme == "http" and not is_loopback(host):
        raise EnvError("must begin with https:// unless its host is localhost or another loopback address.")
    return value


def _folder(value: str) -> Path:
    path = (BASE_DIR / Path(value).expanduser()).resolve()
    if path.exists() and not path.is_dir():
        raise EnvError("is not a folder.")
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        raise EnvError(f"{path} cannot be written to by this user.")
    return path


def _postgresql(value: str) -> dict[str, Any] | None:
    if not value:
        return None
    if urlsplit(value).scheme not in ("postgres", "postgresql"):
        raise EnvError("must begin with postgresql:// because Commonwire needs PostgreSQL.")
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(value))
    except ValueError:
        raise EnvError("cannot be read as postgresql://user:password@host:port/name") from None
    if not parsed.get("NAME"):
        raise EnvError("names no database: postgresql://user:password@host:port/name")
    return parsed


def _email(value: str) -> dict[str, Any] | None:
    """Django's settings; None if not set. A scheme that the library does not know would mean plain SMTP without TLS."""
    if not value:
        return None
    if urlsplit(value).scheme not in dj_email_url.SCHEMES:
        raise EnvError("must look like submission://user:password@mail.example.org:587")
    try:
        parsed: dict[str, Any] = dj_email_url.parse(value)
    except ValueError:
        raise EnvError("cannot be read as submission://user:password@host:port") from None
    return parsed


def _long_secret(value: str) -> str:
    if value and (len(value) < 50 or len(set(value)) < 10):
        raise EnvError("must have at least 50 characters, made by a machine.")
    return value


def _fernet_keys(value: str) -> tuple[str, ...]:
    keys = _items(value)
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            raise EnvError(f"holds something as number {number} that is not 32 bytes in URL-safe base64.") from None
    return keys


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(item) for item in _items(value))
    except ValueError as error:
        raise EnvError(f"must list networks such as 10.0.0.0/8, separated by commas: {error}.") from None


def _languages(value: str) -> tuple[str, ...]:
    """In Django's spelling, each once, in the order in which they were given."""
    tags = tuple(dict.fromkeys(item.lower() for item in _items(value)))
    unknown = [item for item in tags if "code" not in LANG_INFO.get(item, {}) or LANG_INFO[item]["code"] != item]
    if unknown or not tags:
        raise EnvError("must list languages by their tags, such as en, de, sr-Latn, pt-BR, separated by commas.")
    return tags


def _readable_file(value: str) -> str:
    if value and not os.access(value, os.R_OK):
        raise EnvError("names a file that cannot be read.")
    return value


def _items(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",") if item.strip())


PARSERS: dict[str, Callable[[str], Any]] = {
    "email": _email,
    "origin": _origin,
    "folder": _folder,
    "postgresql": _postgresql,
    "long_secret": _long_secret,
    "fernet_keys": _fernet_keys,
    "languages": _languages,
    "networks": _networks,
    "readable_file": _readable_file,
}
