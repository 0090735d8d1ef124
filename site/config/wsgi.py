"""The WSGI application, for granian, gunicorn or any other server. It never starts a database: ``manage.py serve``
does, or ``DATABASE_URL`` names one."""

import os
import sys
from pathlib import Path

from django.core.wsgi import get_wsgi_application

# The apps live one folder above the source root that holds this package.
_root = str(Path(__file__).resolve().parent.parent.parent)
if _root not in sys.path:
    sys.path.insert(0, _root)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()
