"""Finds the embedded PostgreSQL of an instance and keeps it running for as long as anybody needs it.

Several commands may use one database at the same time (a server, ``createsuperuser`` in another terminal). Each holds a
shared lock on a file; whoever lets go and finds that nobody else holds it stops the server. The kernel drops the lock
of a process that was killed, so no list of process ids can go stale. Importing settings never starts anything:
``manage.py`` and the test suite do, through :func:`held`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from . import postgres
from .ending import postponed
from .postgres import Cluster
from .postgres_binaries import (
    COMMON,
    SYSTEM_USER,
    DatabaseTrouble,
    alone_on_this_machine,
    ensure_system_user,
    make_folder,
)

LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes on Linux and 104 elsewhere
# Commands that never ask the database anything.
WITHOUT_DATABASE = {
    "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages", "startapp", "version",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database lives: ``root`` holds its data, its log and the lock files."""

    root: Path
    sockets: Path
    system_user: str | None = None

    def cluster(self, *, careless: bool = False) -> Cluster:
        return Cluster(self.root / "data", self.sockets, self.root / "log", self.system_user, careless)


def find_place(var_dir: Path) -> Place:
    """Where the embedded database of the instance in ``var_dir`` lives.

    That is ``var_dir/postgresql``. Only root's data lies elsewhere, since PostgreSQL refuses to run as root and its
    user must not be let into somebody's folders; ``var_dir/postgresql/location`` then says where. The folder's name is
    drawn by lot, so that a new ``var_dir`` at an old path starts with an empty database and not with a stranger's.
    """
    here = var_dir / "postgresql"
    if os.geteuid() != 0:
        return Place(here, _short_enough(here / "run"))
    if (here / "data").exists() and (owner := (here / "data").stat().st_uid) != 0:
        return Place(here, _short_enough(here / "run"), pwd.getpwuid(owner).pw_name)  # root lends a hand to its owner
    root = _read_or_draw_location(here / "location", var_dir)
    return Place(root, root / "run", SYSTEM_USER)


def django_database(place: Place) -> dict[str, Any]:
    """The entry in Django's ``DATABASES``."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": postgres.DATABASE,
        "USER": postgres.USER,
        "HOST": str(place.sockets),
        "PORT": "5432",
    }


@contextmanager
def held(place: Place, *, careless: bool = False) -> Iterator[None]:
    """The database runs inside this block. A child process that inherits :func:`held_descriptor` (``pass_fds``) keeps
    it up even if its parent is killed."""
    cluster = place.cluster(careless=careless)
    # Its user may pass through root's folder and see nothing there; nobody else may touch the locks.
    if place.system_user == SYSTEM_USER:
        with alone_on_this_machine():
            ensure_system_user()
    make_folder(place.root, 0o711)
    with _open(place.root / "holders") as holders:
        try:
            with _alone(place):
                fcntl.flock(holders, fcntl.LOCK_SH)
                postgres.ensure_running(cluster)
            _descriptors.append(holders.fileno())
            yield
        finally:
            with suppress(ValueError):
                _descriptors.remove(holders.fileno())
            with postponed(), _alone(place):
                if _is_last(holders):
                    postgres.stop(cluster)


_descriptors: list[int] = []


def held_descriptor() -> int | None:
    """The file descriptor that holds the embedded database of this process, to be handed to children; None without
    one."""
    return _descriptors[-1] if _descriptors else None


@contextmanager
def held_for_command(arguments: list[str]) -> Iterator[None]:
    """What ``manage.py`` needs around the command in ``arguments`` (the whole ``sys.argv``)."""
    command = arguments[1] if len(arguments) > 1 else "help"
    if command.startswith("-") or command in WITHOUT_DATABASE or {"-h", "--help"} & set(arguments):
        yield
        return
    place: Place | None = settings.EMBEDDED_DATABASE
    if place is None:
        yield
        return
    with held(place):
        yield


def forget(var_dir: Path) -> None:
    """Deletes the embedded database of ``var_dir`` for good. Refuses while anybody uses it."""
    place = find_place(var_dir)
    if place.root.exists():
        with _open(place.root / "holders") as holders, _alone(place):
            if not _is_last(holders):
                raise DatabaseTrouble(f"The database in {place.root} is in use. Stop what uses it first.")
            postgres.stop(place.cluster())
            shutil.rmtree(place.root)
            shutil.rmtree(place.sockets, ignore_errors=True)
    shutil.rmtree(var_dir / "postgresql", ignore_errors=True)


@contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Starting and stopping happen one at a time."""
    with _open(place.root / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "rb+")


def _is_last(holders: IO[bytes]) -> bool:
    try:
        fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _short_enough(sockets: Path) -> Path:
    """A socket's path has little room. A long one moves to a folder of the user's own under the system's temporary
    folder, whose name no other user can take before us unnoticed."""
    if len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) < LONGEST_SOCKET_PATH:
        return sockets
    digest = hashlib.sha256(os.fsencode(sockets)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"commonwire-{os.geteuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    status = short.lstat()
    if short.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise DatabaseTrouble(f"{short} belongs to somebody else. Choose a shorter VAR_DIR.")
    return short


def _read_or_draw_location(pointer: Path, var_dir: Path) -> Path:
    if not pointer.exists():
        pointer.parent.mkdir(parents=True, exist_ok=True)
        name = "".join(letter if letter.isalnum() else "-" for letter in f"{var_dir.parent.name}-{var_dir.name}")[:30]
        handle, temporary = tempfile.mkstemp(dir=pointer.parent, prefix=".location-")
        with os.fdopen(handle, "w") as file:
            file.write(f"{COMMON / f'{name}-{secrets.token_hex(5)}'}\n")
        try:
            os.link(temporary, pointer)  # the first process wins; a half-written pointer is never seen
        except FileExistsError:
            pass
        finally:
            os.unlink(temporary)
    return Path(pointer.read_text().strip())
