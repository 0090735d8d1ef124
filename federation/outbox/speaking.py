"""Whether this process may speak in this database's name. A copy of the database on another machine, or under another
address, would send in the original's name and withdraw what is public there. So the first worker records where the
database lives and which origin it speaks for, and whoever finds something else rests until the operator confirms.
``reconcile``, the pump and ``manage.py federation`` ask here."""

from __future__ import annotations

from enum import StrEnum

from django.db import connection, transaction

from federation.conf import federation_settings
from federation.errors import ConfigurationError
from federation.models import Instance, LocalActor

MOVED = "This database was copied or restored: it lives elsewhere than when it last spoke."


class Voice(StrEnum):
    """``SPEAKS``: all is well. ``RESTS``: everything is recorded, nothing goes out. ``FOREIGN``: the site runs under
    another address than its profiles; nothing is even recorded, since every new id would be a wrong one."""

    SPEAKS = "speaks"
    RESTS = "rests"
    FOREIGN = "foreign"


def voice() -> Voice:
    """Checked anew at each call: a few small queries."""
    instance = get_instance()
    if instance.origin != federation_settings().ORIGIN:
        if LocalActor.objects.exists():
            _rest(instance, f"SITE_URL is {federation_settings().ORIGIN}, the profiles live at {instance.origin}")
            return Voice.FOREIGN
        Instance.objects.filter(pk=1).update(origin=federation_settings().ORIGIN)
    if instance.database != fingerprint():
        _rest(instance, MOVED)
        return Voice.RESTS
    return Voice.RESTS if instance.paused else Voice.SPEAKS


def get_instance() -> Instance:
    """The one row, made at first need."""
    found = Instance.objects.filter(pk=1).first()
    if found is not None:
        return found
    values = {"origin": federation_settings().ORIGIN, "database": fingerprint()}
    return Instance.objects.get_or_create(pk=1, defaults=values)[0]


def fingerprint() -> str:
    """PostgreSQL's system identifier, which a restored dump does not have, and the database's oid, which a copy in the
    same cluster does not have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT system_identifier FROM pg_control_system()), oid FROM pg_database"
            " WHERE datname = current_database()"
        )
        system, oid = cursor.fetchone()
    return f"{system}/{oid}"


def pause(reason: str) -> None:
    get_instance()
    Instance.objects.filter(pk=1).update(paused=True, pause_reason=reason[:255])


def resume() -> None:
    """Raises ConfigurationError where only ``confirm`` may help."""
    _check_origin()
    if get_instance().database != fingerprint():
        raise ConfigurationError(sentence=f"{MOVED} If the original no longer runs, use “federation confirm”.")
    Instance.objects.filter(pk=1).update(paused=False, pause_reason="")


@transaction.atomic
def confirm() -> None:
    """The operator says that this copy is the one that speaks from now on. Host and port are locked once there are
    profiles: their ids are known elsewhere and cannot move. Raises ConfigurationError for another address."""
    _check_origin()
    values = {"origin": federation_settings().ORIGIN, "database": fingerprint(), "paused": False, "pause_reason": ""}
    Instance.objects.update_or_create(pk=1, defaults=values)


def _check_origin() -> None:
    origin = get_instance().origin
    if origin != federation_settings().ORIGIN and LocalActor.objects.exists():
        raise ConfigurationError(sentence=f"The profiles of this site live at {origin}. Set SITE_URL to that address.")


def _rest(instance: Instance, reason: str) -> None:
    if not instance.paused or instance.pause_reason != reason[:255]:
        Instance.objects.filter(pk=1).update(paused=True, pause_reason=reason[:255])
