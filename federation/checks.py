"""What ``manage.py check`` says about the settings of federation, before anything runs with them: a wrong path or key
would otherwise show itself only when the first editor publishes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.utils.module_loading import import_string

from federation.conf import federation_settings
from federation.contract import Source


def check_source(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """``SOURCE`` names a class that has every answer of :class:`federation.contract.Source`."""
    path = federation_settings().SOURCE
    try:
        found = import_string(path)
    except ImportError as error:
        return [Error(f'FEDERATION["SOURCE"] cannot be imported: {error}', id="federation.E001")]
    names = [name for name in vars(Source) if not name.startswith("_")]
    missing = [name for name in names if not callable(getattr(found, name, None))]
    if missing:
        text = f'FEDERATION["SOURCE"] is {path}, which lacks {", ".join(missing)}'
        return [Error(text, hint="See federation.contract.Source.", id="federation.E002")]
    return []


def check_keys(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """``KEYS`` are Fernet keys, at least one. The message never shows a key."""
    hint = "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
    keys = federation_settings().KEYS
    if not keys:
        return [Error('FEDERATION["KEYS"] is empty: private keys cannot be stored', hint=hint, id="federation.E003")]
    wrong = [str(number) for number, key in enumerate(keys, start=1) if not _is_fernet(key)]
    if wrong:
        text = f'FEDERATION["KEYS"] has something at place {", ".join(wrong)} that is no Fernet key'
        return [Error(text, hint=hint, id="federation.E004")]
    return []


def _is_fernet(key: str) -> bool:
    try:
        Fernet(key)
    except ValueError:
        return False
    return True
