"""Wagtail as it comes, over the same content and templates: without federation, and without what this project adds
around the page's own ``serve``."""

from config.settings.production import *

INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith("federation.")]
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith(("config.", "cms.", "federation."))]
TEMPLATES[0]["OPTIONS"]["context_processors"] = [
    name for name in TEMPLATES[0]["OPTIONS"]["context_processors"] if not name.startswith("federation.")
]
CMS = {"DESK": "federation.contract.NullDesk"}
ROOT_URLCONF = "tests.bench.plain_urls"
