"""The life of the embedded PostgreSQL: who starts it, who stops it, and what a crash leaves behind."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from config import postgres
from config.database import Place, django_database, find_place, forget, held
from config.postgres_binaries import DatabaseTrouble
from tests.factories.instances import eventually

pytestmark = pytest.mark.slow

HOLD_AND_WAIT = """
import sys; from pathlib import Path
from config.database import find_place, held
with held(find_place(Path(sys.argv[1])), careless=True):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    var_dir = tmp_path_factory.mktemp("instance") / "var"
    yield var_dir
    forget(var_dir)


@pytest.fixture
def place(var_dir: Path) -> Iterator[Place]:
    place = find_place(var_dir)
    yield place
    assert not postgres.is_running(place.cluster())


def server_pid(place: Place) -> int:
    return int((place.root / "data" / "postmaster.pid").read_text().split()[0])


def connect(place: Place) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(host=str(place.sockets), user=postgres.USER, dbname=postgres.DATABASE)


def ask(place: Place, query: str) -> object:
    """What the application's own role is answered."""
    with connect(place) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    assert row
    return row[0]


class Holder:
    """Another process that holds the database."""

    def __init__(self, var_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLD_AND_WAIT, str(var_dir)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"held\n"

    def let_go(self) -> None:
        self.process.communicate(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=60)


def test_the_database_runs_while_it_is_held_and_stops_afterwards(place: Place) -> None:
    with held(place, careless=True):
        assert ask(place, "SELECT 1") == 1
    assert not postgres.is_running(place.cluster())


def test_the_last_of_several_holders_stops_it(place: Place, var_dir: Path) -> None:
    other = Holder(var_dir)
    with held(place, careless=True):
        first = server_pid(place)
        other.let_go()
        assert server_pid(place) == first


def test_a_holder_that_ends_first_leaves_it_to_the_others(place: Place, var_dir: Path) -> None:
    with held(place, careless=True):
        other = Holder(var_dir)
    try:
        assert ask(place, "SELECT 1") == 1
    finally:
        other.let_go()


def test_after_its_holder_was_killed_the_next_one_takes_it_over_and_stops_it(place: Place, var_dir: Path) -> None:
    other = Holder(var_dir)
    first = server_pid(place)
    other.kill()
    with held(place, careless=True):
        assert server_pid(place) == first
    assert not psutil.pid_exists(first) or psutil.Process(first).status() == psutil.STATUS_ZOMBIE


def test_a_killed_server_starts_again_with_its_data(place: Place) -> None:
    with held(place):
        with connect(place) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(server_pid(place), signal.SIGKILL)
        with held(place):
            assert ask(place, "SELECT n FROM kept") == 7


def test_a_pid_file_that_names_a_living_stranger_does_not_stop_the_start(place: Place) -> None:
    with held(place, careless=True):
        pass
    pid_file = place.root / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{place.root / 'data'}\n0\n5432\n{place.sockets}\n\n0 0\nready\n")
    with held(place, careless=True):
        assert ask(place, "SELECT 1") == 1


def test_the_application_is_no_superuser(place: Place) -> None:
    with held(place, careless=True):
        assert ask(place, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_the_server_listens_on_no_network(place: Place) -> None:
    with held(place, careless=True):
        assert ask(place, "SELECT current_setting('listen_addresses')") == ""


def test_nobody_else_may_enter_the_folders_of_data_and_sockets(place: Place) -> None:
    with held(place, careless=True):
        modes = {stat.S_IMODE(folder.stat().st_mode) for folder in (place.root / "data", place.sockets)}
    assert modes == {0o700}


def test_starting_it_changes_no_permission_of_the_folders_above(tmp_path: Path) -> None:
    private = tmp_path / "home"
    private.mkdir(mode=0o700)
    try:
        with held(find_place(private / "var"), careless=True):
            assert stat.S_IMODE(private.stat().st_mode) == 0o700
    finally:
        forget(private / "var")


def test_it_starts_under_a_umask_that_hides_every_new_folder(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        with held(find_place(tmp_path / "var"), careless=True):
            pass
    finally:
        os.umask(old)
        forget(tmp_path / "var")


def test_a_database_in_use_is_not_deleted(place: Place, var_dir: Path) -> None:
    with held(place, careless=True):
        with pytest.raises(DatabaseTrouble, match="in use"):
            forget(var_dir)
        assert ask(place, "SELECT 1") == 1


def test_a_database_of_another_version_is_refused_by_name(tmp_path: Path) -> None:
    place = Place(tmp_path, tmp_path / "run")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("14\n")
    with pytest.raises(DatabaseTrouble, match="PostgreSQL 14"), held(place):
        pass


def test_finding_the_place_starts_nothing(tmp_path: Path) -> None:
    assert not find_place(tmp_path / "var").root.joinpath("data").exists()


def test_an_instance_finds_the_same_place_again(tmp_path: Path) -> None:
    assert find_place(tmp_path / "var") == find_place(tmp_path / "var")


def test_a_long_path_still_has_room_for_a_socket(tmp_path: Path) -> None:
    var_dir = tmp_path / ("deep" * 20) / ("down" * 20) / "var"
    assert len(str(find_place(var_dir).sockets / ".s.PGSQL.5432.lock")) < 104


def test_django_connects_through_the_socket_folder() -> None:
    place = Place(Path("/data"), Path("/data/run"))
    assert django_database(place)["HOST"] == "/data/run"


def test_a_creation_that_was_cut_short_is_done_anew(tmp_path: Path) -> None:
    place = find_place(tmp_path / "var")
    half = place.root / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("17\n")
    try:
        with held(place, careless=True):
            assert ask(place, "SELECT 1") == 1
    finally:
        forget(tmp_path / "var")


def test_a_signal_during_the_creation_waits_until_it_is_complete(tmp_path: Path) -> None:
    place = find_place(tmp_path / "var")
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import signal; signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))" + HOLD_AND_WAIT,
            str(tmp_path / "var"),
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
    )
    try:
        eventually((place.root / "data.new" / "PG_VERSION").exists, what="the creation begins")
        process.terminate()
        process.communicate(timeout=20)
        assert process.returncode == 143
        assert (place.root / "data" / "PG_VERSION").exists()
        assert not postgres.is_running(place.cluster())
    finally:
        process.kill()
        process.wait()
        forget(tmp_path / "var")


MAKE_THE_SYSTEM_USER = """
import sys; from pathlib import Path
from config import postgres_binaries
folder = Path(sys.argv[1])
def getpwnam(name):
    if not (folder / "made").exists():
        raise KeyError(name)
postgres_binaries.pwd.getpwnam = getpwnam
postgres_binaries.COMMON = folder / "common"
with postgres_binaries.alone_on_this_machine():
    postgres_binaries.ensure_system_user()
"""


def test_two_first_starts_make_the_system_user_once(tmp_path: Path) -> None:
    """The second ``useradd`` of one name gives it another number, and initdb is refused its own folder."""
    useradd = tmp_path / "bin" / "useradd"
    useradd.parent.mkdir()
    useradd.write_text(f"#!/bin/sh\necho x >> {tmp_path}/runs\nsleep 1\ntouch {tmp_path}/made\n")
    useradd.chmod(0o755)
    command = [sys.executable, "-c", MAKE_THE_SYSTEM_USER, str(tmp_path)]
    environment = os.environ | {"PATH": f"{useradd.parent}:{os.environ['PATH']}", "PYTHONPATH": "site:."}
    both = [subprocess.Popen(command, env=environment) for _ in range(2)]
    assert [process.wait(30) for process in both] == [0, 0]
    assert (tmp_path / "runs").read_text() == "x\n"
