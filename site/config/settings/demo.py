"""An instance for trying things out on one's own machine: it behaves like production, without error pages for
developers, but makes its own secrets and serves static files without collecting them first."""

from config.env import Kind, read_environment

from .base import *
from .derived import derive

globals().update(derive(read_environment(Kind.DEMO), Kind.DEMO))

WHITENOISE_USE_FINDERS = True

DEMO = True  # every page says that it is one
