"""Reads every setting of an instance from environment variables, once, at start.

All that is missing or wrong is collected and shown in one list, so that an operator repairs a new installation in one
go instead of one crash at a time. This room only reads and checks; what Django makes of the values is decided in
``config.settings.derived``. It must never print a value, because some of them are secrets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from environs import Env, EnvValidationError, validate

from . import own_secrets
from .env_values import BASE_DIR, PARSERS, Network, is_loopback

__all__ = [
    "BASE_DIR",
    "Environment",
    "Kind",
    "Network",
    "WrongEnvironment",
    "is_loopback",
    "read_database_url",
    "read_environment",
]

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


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
    delivery_threads: int = 16
    worker_jobs: int = 4
    page_cache_mb: int = 0
    invitation_days: int = 7
    languages: tuple[str, ...] = ("en",)
    sending_delay: int = 60
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
    for name, parse in PARSERS.items():
        env.add_parser(name, parse)
    values: dict[str, Any] = {
        "site_url": env.origin("SITE_URL", ... if kind is Kind.PRODUCTION else "http://localhost:8000"),
        "var_dir": env.folder("VAR_DIR", "var"),
        "database": env.postgresql("DATABASE_URL", ""),
        "secret_key": env.long_secret("SECRET_KEY", ""),
        "federation_keys": env.fernet_keys("FEDERATION_KEYS", ""),
        "email": env.email("EMAIL_URL", ""),
        "allow_private": env.networks("FEDERATION_ALLOW_PRIVATE", ""),
        "trusted_proxies": env.networks("TRUSTED_PROXIES", "127.0.0.0/8,::1/128"),
        "ca_bundle": env.readable_file("FEDERATION_CA_BUNDLE", ""),
        "delivery_threads": env.int("DELIVERY_THREADS", 16, validate=validate.Range(1, 512)),
        "worker_jobs": env.int("WORKER_JOBS", 4, validate=validate.Range(1, 64)),
        # A contributor's change to a template would not be seen.
        "page_cache_mb": env.int("PAGE_CACHE_MB", 0 if kind is Kind.DEV else 32, validate=validate.Range(0, 16384)),
        "invitation_days": env.int("INVITATION_DAYS", 7, validate=validate.Range(1, 90)),
        "languages": env.languages("LANGUAGES", "en"),
        "sending_delay": env.int("SENDING_DELAY", 60, validate=validate.Range(0, 3600)),
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
    env.add_parser("postgresql", PARSERS["postgresql"])
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
