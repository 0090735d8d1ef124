"""One instance of the demo: ``manage.py serve`` in a folder of its own, and beside it a process that runs errands in
that instance (see ``config.demo_errands``). Whatever is started here is stopped here, also when the start fails
half-way, and ends with us even if we are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from . import database, postgres
from .demo_screen import StepFailed
from .env import BASE_DIR

START_SECONDS = 180.0
ERRAND_SECONDS = 240.0
END_SECONDS = 60.0

# Every variable that another installation of this user might have set.
OWN_SETTINGS = {
    "DATABASE_URL", "DATABASE_POOL_SIZE", "SECRET_KEY", "FEDERATION_KEYS", "FEDERATION_CA_BUNDLE", "EMAIL_URL",
    "TRUSTED_PROXIES", "DELIVERY_THREADS", "WORKER_JOBS", "PAGE_CACHE_MB", "LOG_LEVEL",
}  # fmt: skip

# Runs a program of ours so that it gets a SIGTERM when we end for whatever reason, even by kill -9.
LEASHED = (
    "import os, sys; from config.parent import end_with_parent; end_with_parent(int(sys.argv[1]));"
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)

Tick = Callable[[str], None]


@dataclass
class DemoInstance:
    """``role`` is ``hub`` or ``partner``; ``folder`` holds the instance's files and beside them its log."""

    role: str
    port: int
    folder: Path
    server: subprocess.Popen[bytes] | None = field(default=None, init=False)
    errands: subprocess.Popen[str] | None = field(default=None, init=False)
    _answers: SimpleQueue[str] = field(default_factory=SimpleQueue, init=False)

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.server = self._run(
                "manage.py", "serve", "--port", str(self.port), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def wait_until_ready(self, tick: Tick) -> None:
        """Raises :class:`StepFailed` if the server ends instead, or takes too long."""
        assert self.server
        end = time.monotonic() + START_SECONDS
        while "Ready:" not in (text := self.log.read_text(errors="replace")):
            if self.server.poll() is not None or time.monotonic() > end:
                raise StepFailed(f"The {self.role} did not start. The end of {self.log}:\n\n{text[-1500:]}")
            tick(text.strip().rpartition("\n")[2][:40])
            time.sleep(0.1)
        with self.log.open("ab") as log:
            self.errands = self._run(
                "-m", "config.demo_errands", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        threading.Thread(target=_read_lines, args=(self.errands.stdout, self._answers), daemon=True).start()

    def ask(self, errand: str, tick: Tick = lambda _: None, **arguments: Any) -> Any:
        """Has something done inside the instance; its answer. Raises :class:`StepFailed` with the reason."""
        self.begin(errand, **arguments)
        return self.finish(errand, tick)

    def begin(self, errand: str, **arguments: Any) -> None:
        assert self.errands
        assert self.errands.stdin
        try:
            self.errands.stdin.write(json.dumps({"errand": errand} | arguments) + "\n")
            self.errands.stdin.flush()
        except BrokenPipeError:
            raise StepFailed(f"The {self.role}'s errands ended. See {self.log}") from None

    def finish(self, errand: str, tick: Tick) -> Any:
        """The answer to what was begun."""
        end = time.monotonic() + ERRAND_SECONDS
        detail = ""
        while True:
            try:
                answer = json.loads(self._answers.get(timeout=0.2))
            except Empty:
                if time.monotonic() > end:
                    raise StepFailed(f"The {self.role} took too long: {errand}. See {self.log}") from None
                tick(detail)
                continue
            if "error" in answer:
                raise StepFailed(f"The {self.role} could not do “{errand}”: {answer['error']} See {self.log}")
            if "result" in answer:
                return answer["result"]
            detail = answer["detail"][:40]

    def has_died(self) -> bool:
        return self.server is not None and self.server.poll() is not None

    def ask_to_stop(self) -> None:
        """Also a second time: the server then stops at once what it was still finishing."""
        for process in (self.errands, self.server):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def wait_until_stopped(self) -> None:
        for process in (self.errands, self.server):
            if process is None or _ends(process, END_SECONDS):
                continue
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._stop_database()

    def _stop_database(self) -> None:
        """Where the server could not do it any more. Whoever lets go of it last stops it."""
        if self.server is None or self.server.returncode in (0, 143):
            return
        place = database.find_place(self.folder)
        if postgres.is_running(place.cluster()):
            with database.held(place):
                pass

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
        return kept | {
            "DJANGO_SETTINGS_MODULE": "config.settings.demo",
            "SITE_URL": self.origin,
            "VAR_DIR": str(self.folder),
            "FEDERATION_ALLOW_PRIVATE": "127.0.0.0/8,::1/128",  # the other instance lives on this machine
            "PYTHONPATH": f"{BASE_DIR / 'site'}{os.pathsep}{BASE_DIR}",
            "PYTHONUNBUFFERED": "1",
        }

    def _run(self, *arguments: str, **options: Any) -> subprocess.Popen[Any]:
        # A session of its own: Ctrl-C in a terminal reaches us alone, and we stop everything in order.
        return subprocess.Popen(
            [sys.executable, "-c", LEASHED, str(os.getpid()), *arguments],
            cwd=BASE_DIR,
            env=self.environment(),
            start_new_session=True,
            **options,
        )


def _ends(process: subprocess.Popen[Any], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _read_lines(lines: IO[str], into: SimpleQueue[str]) -> None:
    """In a thread, so that whoever waits for an answer can show that it is waiting."""
    for line in lines:
        into.put(line)
    into.put('{"error": "it ended."}')
