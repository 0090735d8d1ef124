"""A public instance. Refuses to start without an address and secrets of its own."""

from config.env import Kind, read_environment

from .base import *
from .derived import derive

globals().update(derive(read_environment(Kind.PRODUCTION), Kind.PRODUCTION))

SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: they may belong to other services
    "security.W019",  # framing by ourselves: the editor shows previews in a frame
    "security.W021",  # HSTS preload: for the owner of the domain to decide
]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names that carry a hash of the content, so that browsers may keep the files for ever.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
