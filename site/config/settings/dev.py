"""A contributor's instance: error pages, reloading, its own secrets."""

from config.env import Kind, read_environment

from .base import *
from .derived import derive

globals().update(derive(read_environment(Kind.DEV), Kind.DEV))

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
