"""Workers, a PostgreSQL of their own and five hundred inboxes, for tests that kill them. Afterwards two things must say
the same: the ledger, and what the inboxes received."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.db import connection

from config import postgres
from config.database import Place, find_place, forget, held
from federation.outbox.lease import DEADLINES
from tests.factories.copied_tables import copy_tables
from tests.factories.fire_site import write_site
from tests.factories.instances import ROOT, end, eventually
from tests.factories.many_inboxes import ManyInboxes

SHARED, LONELY, CROWDED, CROWD = 100, 300, 25, 4
INBOXES = SHARED + LONELY + CROWDED * CROWD
DEADLINE = 2.0
LEASE = DEADLINES * DEADLINE
# How long a test waits before it gives up, on a machine that others use too: a server whose answer was late once rests
# for half a minute, twice for two.
PATIENCE = 400.0
MEGABYTES = 400


@dataclass(frozen=True)
class Row:
    """A delivery of the ledger."""

    id: int
    inbox: str
    lane: str
    kind: str
    state: str
    body: bytes


@dataclass
class Field:
    place: Place
    var_dir: Path
    sink: ManyInboxes
    nest: subprocess.Popen[str]
    is_mount: bool
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    workers: list[int] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    killed: int = 0

    @property
    def cluster(self) -> postgres.Cluster:
        return self.place.cluster()

    # What an editor does.

    def edit(self, **titles: str | None) -> None:
        """``page_1="Title"`` shows or changes that page; None hides it."""
        for name, title in titles.items():
            key = name.replace("_", ":")
            if title is None:
                del self.titles[key]
            else:
                self.titles[key] = title
        write_site(self.var_dir, self.titles)
        self._order("wake", keys=[name.replace("_", ":") for name in titles])

    # What befalls workers.

    def spawn(self) -> int:
        self.workers.append(self._order("worker"))
        return self.workers[-1]

    def kill(self) -> None:
        """kill -9 of one of them, whichever."""
        self.workers = self.living()
        if self.workers:
            victim = self.workers.pop(self.dice.randrange(len(self.workers)))
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            self.killed += 1

    def living(self) -> list[int]:
        return [pid for pid in self.workers if psutil.pid_exists(pid)]

    def keep_up(self, count: int) -> None:
        """As a supervisor: whoever ended by itself is started anew."""
        self.workers = self.living()
        while len(self.workers) < count:
            self.spawn()

    def stop_workers(self) -> None:
        for pid in self.living():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not self.living(), what="killed workers are gone")
        self.workers = []

    # What befalls the database.

    def kill_database(self) -> None:
        pid = int((self.cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie", what="it is dead")

    def revive_database(self) -> None:
        postgres.ensure_running(self.cluster)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No byte more on the disk that the database is on. Without the right to mount one, none of its processes may
        write beyond 8 KB: the kernel says "file too large" then, and not "no space left"."""
        if not self.is_mount:
            pid = int((self.cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
            server = psutil.Process(pid)
            family = [server, *server.children(recursive=True)]
            before = server.rlimit(psutil.RLIMIT_FSIZE)
            for process in family:
                process.rlimit(psutil.RLIMIT_FSIZE, (8192, before[1]))
            yield
            with suppress(psutil.NoSuchProcess):
                for process in [server, *server.children(recursive=True)]:
                    process.rlimit(psutil.RLIMIT_FSIZE, before)
            return
        ballast = self.place.root / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"\0" * 65536):
                pass
        yield
        ballast.unlink()

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[Any]]:
        with postgres.connect(self.cluster, postgres.DATABASE) as connected:
            yield connected

    # What became of it.

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.database() as connected:
            return connected.execute(query, values).fetchall()

    def rows(self) -> list[Row]:
        query = (
            "SELECT d.id, d.inbox, d.lane, a.kind, d.state, a.body FROM federation_delivery d"
            " JOIN federation_activity a ON a.id = d.activity_id ORDER BY d.id"
        )
        return [Row(*row) for row in self.ask(query)]

    def is_settled(self) -> bool:
        (left,) = self.ask(
            "SELECT (SELECT count(*) FROM federation_wake) +"
            " (SELECT count(*) FROM federation_delivery WHERE state = 'waiting')"
        )[0]
        return bool(left == 0)

    def settle(self, count: int = 2) -> None:
        """Waits until nothing is left to do, with ``count`` workers."""

        def settled() -> bool:
            self.keep_up(count)
            return self.is_settled()

        eventually(settled, seconds=PATIENCE, what="everything is delivered")

    def wait_for_work(self, count: int) -> None:
        """Until ``count`` more requests came in, or nothing is left to do."""
        before = self.received()
        eventually(lambda: self.received(before) >= count or self.is_settled(), seconds=PATIENCE, what="work goes on")

    def received(self, since: int = 0) -> int:
        return len(self.sink.receipts) - since

    def check(self) -> None:
        """Nothing lost, nothing changed, nothing out of order, nothing that was taken back unsent."""
        rows = self.rows()
        assert {row.state for row in rows} <= {"accepted", "dropped"}
        assert len({row.inbox for row in rows}) == INBOXES
        got: dict[str, list[bytes]] = defaultdict(list)
        for receipt in list(self.sink.receipts):
            got[receipt.inbox].append(receipt.body)
        for inbox, mine in _by_inbox(rows).items():
            told = [row.body for row in mine if row.state == "accepted"]
            assert set(got[inbox]) == set(told), f"{inbox} has not heard exactly what the ledger says"
            for lane in {row.lane for row in mine}:
                order = [row.body for row in mine if row.lane == lane and row.state == "accepted"]
                firsts = [body for body in dict.fromkeys(got[inbox]) if body in set(order)]
                assert firsts == order, f"{inbox} heard {lane} in another order"

    def _order(self, do: str, **values: Any) -> Any:
        assert self.nest.stdin
        assert self.nest.stdout
        self.nest.stdin.write(json.dumps({"do": do} | values) + "\n")
        self.nest.stdin.flush()
        answer = json.loads(self.nest.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer.get("result")


def _by_inbox(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.inbox].append(row)
    return found


@contextmanager
def field_of(folder: Path) -> Iterator[Field]:
    """Starts everything and stops everything. No worker runs yet. The database has the tables of the test database."""
    var_dir = folder / "fire"
    var_dir.mkdir()
    write_site(var_dir, {})
    place = find_place(var_dir)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, var_dir, ignore_errors=True)
        is_mount = stack.enter_context(_own_disk(place.root))
        if not is_mount:
            stack.callback(forget, var_dir)
        stack.enter_context(held(place))
        copy_tables(connection.settings_dict["NAME"], place)
        sink = stack.enter_context(ManyInboxes(SHARED + LONELY + CROWDED))
        environment = {key: value for key, value in os.environ.items() if not key.endswith("DATABASE_URL")} | {
            "DJANGO_SETTINGS_MODULE": "tests.factories.fire_settings",
            "SITE_URL": "http://localhost:9",
            "VAR_DIR": str(var_dir),
            "FEDERATION_ALLOW_PRIVATE": "127.0.0.0/8",
            "FIRE_DEADLINE": str(DEADLINE),
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        }
        log = stack.enter_context((folder / "fire.log").open("w"))
        nest = subprocess.Popen(
            [sys.executable, "-m", "tests.factories.fire_nest"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        stack.callback(end, nest)
        made = Field(place, var_dir, sink, nest, is_mount)
        stack.callback(made.stop_workers)
        shared, lonely, crowded = (
            sink.origins[:SHARED],
            sink.origins[SHARED : SHARED + LONELY],
            sink.origins[SHARED + LONELY :],
        )
        made._order("begin", shared=shared, personal=dict.fromkeys(lonely, 1) | dict.fromkeys(crowded, CROWD))
        yield made


@contextmanager
def _own_disk(root: Path) -> Iterator[bool]:
    """A small disk for the database, where this user may mount one. Whether it is one."""
    root.mkdir(parents=True, exist_ok=True)
    options = f"size={MEGABYTES}m,mode=0711"
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(root)], check=False, capture_output=True
        ).returncode
    ):
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "-l", str(root)], check=True)
        root.rmdir()
