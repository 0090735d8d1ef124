"""Where the demo keeps what must survive a stop: ports, password, and a lock against a second demo on the same files.
The accounts of the demo live at their addresses for ever, so the ports are chosen once."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import database
from .demo_instance import DemoInstance
from .demo_screen import StepFailed
from .env import BASE_DIR

ROLES = ("hub", "partner")
LOWEST, HIGHEST = 1024, 65000


def folder() -> Path:
    return (BASE_DIR / Path(os.environ.get("VAR_DIR", "").strip() or "var").expanduser()).resolve() / "demo"


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """One demo at a time on these files; the kernel forgets the lock of a process that was killed."""
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StepFailed("The demo is running already. Stop it first (Ctrl-C where it runs).") from None
        yield


def instances(place: Path, wish: int, say: Callable[[str], None]) -> dict[str, DemoInstance]:
    """Both instances, at the ports of earlier runs or else at the first two free ones from ``wish`` on."""
    remembered = place / "ports.json"
    if remembered.exists():
        ports = json.loads(remembered.read_text())
        for role in ROLES:
            if not is_free(ports[role]):
                raise StepFailed(
                    f"Port {ports[role]} is taken by another program, and the {role}'s accounts live there. "
                    "Stop that program, or start anew with: make demo-reset"
                )
    else:
        ports = dict(zip(ROLES, choose_ports(wish, say), strict=True))
        remembered.write_text(json.dumps(ports))
    return {role: DemoInstance(role, ports[role], place / role) for role in ROLES}


def choose_ports(wish: int, say: Callable[[str], None]) -> tuple[int, int]:
    found: list[int] = []
    for port in range(max(wish, LOWEST), HIGHEST):
        if not is_free(port):
            say(f"  Port {port} is taken; trying the next one.")
            continue
        found.append(port)
        if len(found) == len(ROLES):
            return found[0], found[1]
    raise StepFailed("No free port was found.")


def is_free(port: int) -> bool:
    """On both loopback addresses: a browser that asks for localhost may try either."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: ports rest a minute
                probe.bind((address, port))
        except OSError:
            if family == socket.AF_INET or _has_ipv6():
                return False
    return True


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def password(place: Path) -> str:
    """The administrator's, the same on both instances, made at the first run."""
    path = place / "password"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secrets.token_urlsafe(12)}\n")
    return path.read_text().strip()


def reset(place: Path) -> None:
    """Throws everything away, databases included. Refuses while something uses them."""
    if not place.exists():
        return
    with alone(place):
        for role in ROLES:
            if (place / role).exists():
                database.forget(place / role)
        shutil.rmtree(place)
