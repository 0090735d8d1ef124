"""The test suite. Takes nothing from the environment but which database to use, so that a contributor's settings cannot
change a result. ``TEST_DATABASE_URL`` names any PostgreSQL; without it the embedded one runs. ``TEST_DB_SUFFIX`` keeps
several runs on one machine apart."""

import os
import re

from config.database import django_database, find_place
from config.env import BASE_DIR, Environment, Kind, read_database_url

from .base import *
from .derived import derive

_suffix = re.sub(r"[^a-z0-9]+", "_", os.environ.get("TEST_DB_SUFFIX", "main").lower())
_database = read_database_url("TEST_DATABASE_URL")
# One server for all runs at once, each with a database of its own; all other files lie in a folder per run.
_place = find_place(BASE_DIR / "var" / "test")

_environment = Environment(
    site_url="https://hub.example",
    var_dir=BASE_DIR / "var" / "test" / f"{_suffix}{os.environ.get('PYTEST_XDIST_WORKER', '')}",
    database=_database or django_database(_place),
    secret_key="only-for-tests-and-worth-nothing-to-anybody-else",  # noqa: S106
    federation_keys=("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",),
    email=None,
    sending_delay=0,  # a test that is about it says so
    log_level="WARNING",
)
_settings = derive(_environment, Kind.PRODUCTION)
_settings["STATIC_ROOT"] = None
_settings["DATABASES"]["default"]["TEST"] = {"NAME": f"test_commonwire_{_suffix}"}
globals().update(_settings)

EMBEDDED_DATABASE = None if _database else _place
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; nothing real is hashed here
SECURE_SSL_REDIRECT = False  # Django's test client speaks plain http unless told otherwise
