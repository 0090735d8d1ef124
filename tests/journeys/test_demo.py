"""``make demo`` as a new user has it: twice in a row on files and ports of its own, and stopped half-way."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.database import find_place
from tests.factories.instances import ROOT, eventually, free_port

SECONDS = 300


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("demo")
    yield folder
    demo("--reset", var_dir=folder)


@pytest.fixture(scope="module")
def first(var_dir: Path) -> subprocess.CompletedProcess[str]:
    return demo("--once", "--port", str(free_port()), var_dir=var_dir)


@pytest.fixture(scope="module")
def second(var_dir: Path, first: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    return demo("--once", var_dir=var_dir)


def demo(*arguments: str, var_dir: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "config.demo", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(var_dir), capture_output=True, text=True, timeout=SECONDS, check=False
    )


def environment(var_dir: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEMO_ONCE"}}
    return kept | {"VAR_DIR": str(var_dir), "PYTHONPATH": f"{ROOT / 'site'}{os.pathsep}{ROOT}", "PYTHONUNBUFFERED": "1"}


def left_over(var_dir: Path) -> list[str]:
    """Processes that have anything to do with the demo in ``var_dir``, databases included."""
    folders = [var_dir / "demo" / role for role in ("hub", "partner")]
    marks = [str(var_dir), *(str(find_place(path).root) for path in folders if (path / "postgresql").exists())]
    found = []
    for process in psutil.process_iter():
        try:
            text = " ".join(process.cmdline()) + process.environ().get("VAR_DIR", "")
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
        if process.pid != os.getpid() and any(mark in text for mark in marks):
            found.append(text)
    return found


def events(output: str) -> list[str]:
    """What travelled, without times and places."""
    return re.findall(r"^  \d\d:\d\d:\d\d\.\d  (\w+ +\S.*?)(?:  |$)", output, flags=re.MULTILINE)


def titles(output: str) -> tuple[str, str]:
    published = re.search(r"hub +“(.*)” is published", output)
    listed = re.search(r"partner +listed: “(.*)”", output)
    assert published, output
    assert listed, output
    return published[1], listed[1]


def test_the_first_run_ends_well(first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stdout + first.stderr


def test_a_follow_is_told_from_the_first_question_to_the_answer(first: subprocess.CompletedProcess[str]) -> None:
    told = "\n".join(events(first.stdout))

    for step in (
        r"partner +@\w+: WebFinger, then the profile",
        r"partner +Follow stored and signed",
        r"hub +Follow received, signature verified",
        r"hub +Accept stored, with the whole Follow in it",
        r"partner +Accept received, signature verified",
    ):
        assert re.search(step, told), f"{step} is missing in:\n{first.stdout}"


def test_both_deliveries_were_answered_with_202(first: subprocess.CompletedProcess[str]) -> None:
    assert re.findall(r"(?:Follow|Accept) delivered +HTTP (\d+)", first.stdout) == ["202", "202"]
    assert re.search(r"delivered to localhost:\d+ +HTTP 202", first.stdout)


def test_the_report_arrives_under_its_title(first: subprocess.CompletedProcess[str]) -> None:
    published, listed = titles(first.stdout)

    assert listed == published


def test_the_login_is_shown_and_kept_from_others(first: subprocess.CompletedProcess[str], var_dir: Path) -> None:
    path = var_dir / "demo" / "password"

    assert f"password {path.read_text().strip()} " in first.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_process_is_left(first: subprocess.CompletedProcess[str], var_dir: Path) -> None:
    assert left_over(var_dir) == []


def test_the_second_run_continues(
    first: subprocess.CompletedProcess[str], second: subprocess.CompletedProcess[str]
) -> None:
    assert second.returncode == 0, second.stdout + second.stderr
    assert "already, since an earlier run" in second.stdout
    assert re.findall(r"acct:\S+@localhost:\d+", second.stdout) == re.findall(r"acct:\S+@localhost:\d+", first.stdout)


def test_the_second_run_publishes_something_else(
    first: subprocess.CompletedProcess[str], second: subprocess.CompletedProcess[str]
) -> None:
    published, listed = titles(second.stdout)

    assert listed == published
    assert published != titles(first.stdout)[0]


def test_a_port_that_is_taken_is_said(second: subprocess.CompletedProcess[str], var_dir: Path) -> None:
    """The accounts live at that port, so another one would not do."""
    port = json.loads((var_dir / "demo" / "ports.json").read_text())["partner"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        done = demo("--once", var_dir=var_dir)

    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stdout


def test_a_signal_during_the_start_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "config.demo", "--port", str(free_port())]
    running = subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.DEVNULL)
    try:
        log = tmp_path / "demo" / "partner.log"
        eventually(
            lambda: log.exists() and "Preparing the database" in log.read_text(), seconds=60, what="the partner starts"
        )
        running.send_signal(signal.SIGTERM)
        assert running.wait(90) == 0
        assert left_over(tmp_path) == []
    finally:
        running.kill()
        running.wait()
        demo("--reset", var_dir=tmp_path)
