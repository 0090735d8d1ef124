"""The floor under our own web answers: the same Django, database and server, and nothing in between."""

from config.settings.production import *

MIDDLEWARE = []
ROOT_URLCONF = "tests.bench.floor_views"
