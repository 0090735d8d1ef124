"""Secrets that a demo or a contributor's instance makes for itself, once, in its own folder. Production never calls
this: there the operator holds them (see ``config.env``)."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet


@dataclass(frozen=True, slots=True)
class OwnSecrets:
    secret_key: str = field(repr=False)
    federation_keys: tuple[str, ...] = field(repr=False)


def read_or_make(var_dir: Path) -> OwnSecrets:
    """The secrets in ``var_dir/secrets.json``, made if they are not there yet. Several processes may ask at once: the
    first one's file stays."""
    path = var_dir / "secrets.json"
    if not path.exists():
        var_dir.mkdir(parents=True, exist_ok=True)
        _write_first(path)
    content = json.loads(path.read_text())
    return OwnSecrets(secret_key=content["SECRET_KEY"], federation_keys=tuple(content["FEDERATION_KEYS"]))


def _write_first(path: Path) -> None:
    content = {"SECRET_KEY": secrets.token_urlsafe(50), "FEDERATION_KEYS": [Fernet.generate_key().decode()]}
    # A whole file appears under its name or none: mkstemp gives mode 0600, and link refuses to replace another's.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(content, file, indent=1)
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(temporary)
