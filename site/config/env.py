"""Reads every setting of an instance from environment variables, once, at start.

All that is missing or wrong is collected and shown in one list, so that an operator repairs a new installation in one
go instead of one crash at a time. This room only reads and checks; what Django makes of the values is decided in
``config.settings.derived``. It must never print a value, because some of them are secrets.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import dj_database_url
from cryptography.fernet import Fernet
from environs import Env, EnvError, EnvValidationError, validate

from . import own_secrets

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

Network = IPv4Network | IPv6Network


class Kind(StrEnum):
    """What an instance is for. Only ``PRODUCTION`` insists on secrets of the operator's own."""

    DEV = "dev"
    DEMO = "demo"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Environment:
    """The checked settings. ``database`` is Django's dict, or None for the embedded PostgreSQL; ``pool_size`` is the
    most connections that this process may open at once, or None for one connection without a pool."""

    site_url: str
    var_dir: Path
    database: dict[str, Any] | None = field(repr=False)
    secret_key: str = field(repr=False)
    federation_keys: tuple[str, ...] = field(repr=False)
    email: dict[str, Any] | None = field(repr=False)
    allow_private: tuple[str, ...] = ()
    trusted_proxies: tuple[Network, ...] = ()
    ca_bundle: str = ""
    staff_address: str = ""
    delivery_threads: int = 16
    worker_jobs: int = 4
    log_level: str = "INFO"
    pool_size: int | None = None


class WrongEnvironment(SystemExit):
    """Ends the process with the whole list of ``problems`` and no traceback."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        self.problems = problems
        lines = [f"  {name}: {message}" for name, messages in sorted(problems.items()) for message in messages]
        super().__init__("\n".join(["Commonwire cannot start. These settings are missing or wrong:", "", *lines, ""]))


class _Reader(Env):
    """An empty variable counts as not set: unit files and compose files often carry ``NAME=``."""

    def _get_value(self, env_key: str, default: Any) -> Any:
        value = super()._get_value(env_key, default)
        return default if isinstance(value, str) and not value.strip() else value


def read_environment(kind: Kind) -> Environment:
    """The settings of this process; raises :class:`WrongEnvironment` with everything that is wrong."""
    env = _Reader(eager=False)
    for name, parse in _PARSERS.items():
        env.add_parser(name, parse)
    values: dict[str, Any] = {
        "site_url": env.origin("SITE_URL", ... if kind is Kind.PRODUCTION else "http://localhost:8000"),
        "var_dir": env.folder("VAR_DIR", "var"),
        "database": env.postgresql("DATABASE_URL", ""),
        "secret_key": env.long_secret("SECRET_KEY", ""),
        "federation_keys": env.fernet_keys("FEDERATION_KEYS", ""),
        "email": env.dj_email_url("EMAIL_URL", "") if os.environ.get("EMAIL_URL", "").strip() else None,
        "allow_private": env.networks("FEDERATION_ALLOW_PRIVATE", ""),
        "trusted_proxies": env.networks("TRUSTED_PROXIES", "127.0.0.0/8,::1/128"),
        "ca_bundle": env.readable_file("FEDERATION_CA_BUNDLE", ""),
        "staff_address": env.str("STAFF_ADDRESS", ""),
        "delivery_threads": env.int("DELIVERY_THREADS", 16, validate=validate.Range(1, 512)),
        "worker_jobs": env.int("WORKER_JOBS", 4, validate=validate.Range(1, 64)),
        "log_level": env.str("LOG_LEVEL", "INFO", validate=validate.OneOf(LOG_LEVELS)),
        "pool_size": env.int("DATABASE_POOL_SIZE", None, validate=validate.Range(1, 1000)),
    }
    problems = _seal(env)
    problems.update(_missing_secrets(kind, values, problems) | _public_without_production(kind, values["site_url"]))
    if problems:
        raise WrongEnvironment(problems)
    values["allow_private"] = tuple(str(network) for network in values["allow_private"])
    if not values["secret_key"] or not values["federation_keys"]:
        own = own_secrets.read_or_make(values["var_dir"])
        values["secret_key"] = values["secret_key"] or own.secret_key
        values["federation_keys"] = values["federation_keys"] or own.federation_keys
    return Environment(**values)


def _public_without_production(kind: Kind, site_url: str | None) -> dict[str, list[str]]:
    """The other kinds make their own secrets, and one of them shows error pages to everybody."""
    if kind is Kind.PRODUCTION or site_url is None or is_loopback(urlsplit(site_url).hostname or ""):
        return {}
    return {"DJANGO_SETTINGS_MODULE": ["must be config.settings.production for an address that others can reach."]}


def read_database_url(name: str) -> dict[str, Any] | None:
    """Only the database that the variable ``name`` holds, as Django's dict; None if it is not set."""
    env = _Reader(eager=False)
    env.add_parser("postgresql", _postgresql)
    database: dict[str, Any] | None = env.postgresql(name, "")
    if problems := _seal(env):
        raise WrongEnvironment(problems)
    return database


def _seal(env: Env) -> dict[str, list[str]]:
    try:
        env.seal()
    except EnvValidationError as error:
        return {
            name: [_MISSING.get(name, "is missing.") if "not set" in text else text for text in messages]
            for name, messages in cast("dict[str, list[str]]", error.error_messages).items()
        }
    return {}


def _missing_secrets(kind: Kind, values: dict[str, Any], problems: dict[str, list[str]]) -> dict[str, list[str]]:
    """Production never makes its own secrets: a new key beside an old database would make every actor unreadable."""
    if kind is not Kind.PRODUCTION:
        return {}
    required = {"SECRET_KEY": values["secret_key"], "FEDERATION_KEYS": values["federation_keys"]}
    return {name: [_MISSING[name]] for name, value in required.items() if not value and name not in problems}


_MISSING = {
    "SITE_URL": "is missing. It is the public address of this site, for example https://news.example.org",
    "SECRET_KEY": "is missing. Make one with: "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' and keep it.",
    "FEDERATION_KEYS": "is missing. It encrypts the profiles' private keys; without it every follower is lost, so keep "
    "a copy with your backups. Make one with: "
    "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'",
}


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


def _readable_file(value: str) -> str:
    if value and not os.access(value, os.R_OK):
        raise EnvError("names a file that cannot be read.")
    return value


def _items(value: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in value.split(",") if item.strip())


_PARSERS = {
    "origin": _origin,
    "folder": _folder,
    "postgresql": _postgresql,
    "long_secret": _long_secret,
    "fernet_keys": _fernet_keys,
    "networks": _networks,
    "readable_file": _readable_file,
}
