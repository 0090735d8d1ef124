"""Turns the environment of one instance into Django settings. Pure: values in, a dict of settings out, so that a test
can ask what an instance at some address would be told."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from config.database import Place, django_database, find_place
from config.env import Environment, Kind, is_loopback
from config.logs import logging_config
from config.spoken import INTERFACE_LANGUAGES, language_settings

LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
A_YEAR = 365 * 24 * 3600


def derive(environment: Environment, kind: Kind) -> dict[str, Any]:
    """Every setting that depends on the environment."""
    return {
        "SITE_URL": environment.site_url,
        "VAR_DIR": environment.var_dir,
        "SECRET_KEY": environment.secret_key,
        "DEBUG": kind is Kind.DEV,
        "TRUSTED_PROXIES": environment.trusted_proxies,
        "WORKER_JOBS": environment.worker_jobs,
        "PAGE_CACHE_BYTES": environment.page_cache_mb * 1024 * 1024,
        "SEALING_KEYS": environment.federation_keys,
        "INVITATION_DAYS": environment.invitation_days,
        "SENDING_DELAY": environment.sending_delay,
        "MEDIA_ROOT": environment.var_dir / "media",
        # Elsewhere static files are served from where they lie, and no folder for collected ones is missed.
        "STATIC_ROOT": environment.var_dir / "static" if kind is Kind.PRODUCTION else None,
        "WAGTAILADMIN_BASE_URL": environment.site_url,
        "CACHES": file_cache(environment),
        "LOGGING": logging_config(environment.log_level),
        "FEDERATION": federation(environment),
        **language_settings(environment.languages, INTERFACE_LANGUAGES),
        **databases(environment),
        **address_settings(environment.site_url),
        **email(environment, kind),
    }


def address_settings(site_url: str) -> dict[str, Any]:
    """What follows from the canonical origin alone."""
    parts = urlsplit(site_url)
    secure = parts.scheme == "https"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return {
        # The loopback names are for health checks and for a proxy that does not pass Host.
        "ALLOWED_HOSTS": list(dict.fromkeys([host, *LOOPBACK_HOSTS])),
        "CSRF_TRUSTED_ORIGINS": [site_url],
        "SESSION_COOKIE_NAME": cookie_name(site_url, "session"),
        "CSRF_COOKIE_NAME": cookie_name(site_url, "csrf"),
        "SESSION_COOKIE_SECURE": secure,
        "CSRF_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "USE_X_FORWARDED_HOST": True,  # config.proxies removes both from everybody who is not a trusted proxy
        "SECURE_SSL_REDIRECT": secure,
        "SECURE_SSL_HOST": parts.netloc if secure else None,
        "SECURE_REDIRECT_EXEMPT": [r"^-/health$"],
        # A browser keeps HSTS for a whole host name with all its ports, so a loopback address must never get it.
        "SECURE_HSTS_SECONDS": A_YEAR if secure and not is_loopback(parts.hostname or "") else 0,
    }


def cookie_name(site_url: str, purpose: str) -> str:
    """A name of its own for each origin: browsers share cookies between the ports of one host, so two instances on
    localhost would log each other out. ``__Host-`` keeps neighbouring subdomains from planting one (RFC 6265bis)."""
    parts = urlsplit(site_url)
    name = f"commonwire_{re.sub(r'[^a-z0-9]+', '_', parts.netloc).strip('_')}_{purpose}"
    return f"__Host-{name}" if parts.scheme == "https" else name


def databases(environment: Environment) -> dict[str, Any]:
    """``EMBEDDED_DATABASE`` is the place of the PostgreSQL that somebody must start; None if the operator runs one."""
    place: Place | None = None
    if environment.database is None:
        place = find_place(environment.var_dir)
        database = django_database(place)
    else:
        database = dict(environment.database)
    options = dict(database.get("OPTIONS", {}))
    if environment.pool_size:
        options["pool"] = {"min_size": 1, "max_size": environment.pool_size, "timeout": 20}
    database |= {"OPTIONS": options, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": True}
    return {"DATABASES": {"default": database}, "EMBEDDED_DATABASE": place}


def file_cache(environment: Environment) -> dict[str, Any]:
    """One cache for all processes of an instance, in its own folder: Wagtail keeps site root paths there, and a worker
    must not work with those that the web server replaced. A hit costs no query."""
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": environment.var_dir / "cache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        }
    }


def federation(environment: Environment) -> dict[str, Any]:
    return {
        "SOURCE": "cms.publications.CmsSource",
        "ORIGIN": environment.site_url,
        "KEYS": environment.federation_keys,
        "ALLOW_PRIVATE": environment.allow_private,
        "CA_BUNDLE": environment.ca_bundle,
        "DELIVERY_THREADS": environment.delivery_threads,
    }


def email(environment: Environment, kind: Kind) -> dict[str, Any]:
    """Without EMAIL_URL, production refuses nothing but sends nothing either; elsewhere mail goes to the console."""
    host = urlsplit(environment.site_url).hostname or "localhost"
    sender = {"DEFAULT_FROM_EMAIL": f"noreply@{host}", "SERVER_EMAIL": f"noreply@{host}"}
    if environment.email is not None:
        wanted = {name: value for name, value in environment.email.items() if name.isupper()}
        return sender | wanted | {"EMAIL_TIMEOUT": environment.email.get("EMAIL_TIMEOUT") or 20}
    backend = "dummy" if kind is Kind.PRODUCTION else "console"
    return sender | {"EMAIL_BACKEND": f"django.core.mail.backends.{backend}.EmailBackend"}
