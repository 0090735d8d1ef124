"""Starts the sink's process and speaks with it."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.factories.instances import end

from . import place


@dataclass
class Sink:
    """``live`` and ``dead`` are origins."""

    live: list[str]
    dead: list[str]
    process: subprocess.Popen[str]

    def counts(self, order: str = "count") -> dict[str, int]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        found: dict[str, int] = json.loads(self.process.stdout.readline())
        return found

    def forget(self) -> None:
        self.counts("forget")

    def wait_for(self, posts: int, seconds: float) -> float:
        """Until that many came; how long it took."""
        begun = time.perf_counter()
        while (found := self.counts()["posts"]) < posts:
            if time.perf_counter() - begun > seconds:
                raise SystemExit(f"only {found} of {posts} deliveries came within {seconds:.0f} s")
            time.sleep(0.02)
        return time.perf_counter() - begun


@contextmanager
def sink(live: int, dead: int = 0, latency: float = 0.0) -> Iterator[Sink]:
    _allow_files(live + dead + 2000)
    options = ["--live", str(live), "--dead", str(dead), "--latency", str(latency)]
    options += ["--certificate", str(place.CERTIFICATE), "--key", str(place.KEY)]
    process = subprocess.Popen(
        [sys.executable, str(place.ROOT / "tests/bench/sink.py"), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us, who then end it
    )
    try:
        assert process.stdout
        ports = json.loads(process.stdout.readline() or '{"live": [], "dead": []}')
        if not ports["live"]:
            raise SystemExit("the sink did not start")
        yield Sink(_origins(ports["live"]), _origins(ports["dead"]), process)
    finally:
        end(process)


def _origins(ports: list[int]) -> list[str]:
    return [f"https://127.0.0.1:{port}" for port in ports]


def _allow_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SystemExit(f"{count} open files are needed, and {hard} are allowed (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
