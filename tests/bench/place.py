"""Where the bench works: an instance with production settings in ``var/bench``, with its own embedded database and a
certificate authority that only it trusts. Imported before Django is set up."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var" / "bench"
AUTHORITY = VAR / "authority"
BUNDLE, CERTIFICATE, KEY = (AUTHORITY / f"{name}.pem" for name in ("authority", "certificate", "key"))
HOST = "hub.example"
ORIGIN = f"https://{HOST}"
SETTINGS = "config.settings.production"
# Of this very file; nothing that anybody else has is signed or sealed with them.
SECRET_KEY = "only-for-the-bench-and-worth-nothing-to-anybody-else-0123456789"
FEDERATION_KEYS = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
# What an installation of this user might have set.
FOREIGN = (
    "DATABASE_URL",
    "DATABASE_POOL_SIZE",
    "DELIVERY_THREADS",
    "WORKER_JOBS",
    "PAGE_CACHE_MB",
    "TRUSTED_PROXIES",
    "SENDING_DELAY",
)


def environment(**changes: str) -> dict[str, str]:
    """For our own process and for all that it starts."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    path = [str(ROOT / "site"), str(ROOT)]
    return (
        kept
        | {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "SITE_URL": ORIGIN,
            "VAR_DIR": str(VAR),
            "SECRET_KEY": SECRET_KEY,
            "FEDERATION_KEYS": FEDERATION_KEYS,
            "FEDERATION_ALLOW_PRIVATE": "127.0.0.0/8",
            "FEDERATION_CA_BUNDLE": str(BUNDLE),
            "SENDING_DELAY": "0",
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": os.pathsep.join(path),
            "PYTHONUNBUFFERED": "1",
        }
        | changes
    )


def prepare() -> None:
    """Makes the folders and certificates, and lets this process be the instance."""
    for folder in (VAR, AUTHORITY):
        folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT, ROOT / "site"):
        if str(path) not in sys.path:
            sys.path.insert(0, str(path))
    for name in FOREIGN:
        os.environ.pop(name, None)
    from tests.factories.instances import make_authority  # noqa: PLC0415 -- found only now

    if not BUNDLE.exists():
        make_authority(AUTHORITY)
    os.environ.update(environment())
