"""The WSGI application, for granian, gunicorn or any other server. It never starts a database: ``manage.py serve``
does, or ``DATABASE_URL`` names one."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

# The apps live one folder above the source root that holds this package.
_root = str(Path(__file__).resolve().parent.parent.parent)
if _root not in sys.path:
    sys.path.insert(0, _root)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

_django = get_wsgi_application()


# Django decodes addresses and forms by the charset that the sender names, and takes every codec of Python's for one:
# "hex" and "undefined" then raise wherever a view first reads a parameter. Browsers and peers send UTF-8.
_CHARSETS = frozenset({"", "utf-8", "utf8", "us-ascii", "iso-8859-1"})


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, after a look at Content-Type: Django reads that header before any middleware, and one that it cannot read
    would be an error of ours (500, with a traceback in the log for every such request)."""
    if not _is_readable(environ.get("CONTENT_TYPE", "")):
        environ["CONTENT_TYPE"] = ""
    return _django(environ, start_response)


def _is_readable(content_type: str) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type)
    except (TypeError, ValueError, LookupError):
        return False
    return parameters.get("charset", "").strip().lower() in _CHARSETS
