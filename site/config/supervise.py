"""Runs several processes as one: they start together, stop together, and one that dies takes the others with it,
because a web server without its worker would look healthy while nothing is delivered."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
LAST_SECONDS = 40.0  # to finish what is under way, before a program that does not listen is killed
AGAIN_SECONDS = 2.0  # between two requests to stop
LOOK_EVERY = 0.2  # seconds between two questions whether the programs are ready

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """``pass_fds`` are file descriptors that the process keeps open."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    pass_fds: tuple[int, ...] = ()


def supervise(
    programs: list[Program], say: Say, is_ready: Callable[[], bool], *, patience: float = LAST_SECONDS
) -> int:
    """Runs ``programs`` until one ends or a signal comes; returns the exit code for this process.

    The first signal lets every program finish what it is doing, a second one kills them with all their children, and so
    does the end of ``patience`` (seconds). A program is asked to stop (SIGTERM) again and again, since while it starts
    it may miss a signal: one that is already stopping must ignore the others. ``is_ready`` is asked until it is true
    for once; it must not take long, and greets the operator itself.
    """
    with _signals() as wake_up:
        group = _Group(say, patience)
        try:
            group.start(programs)
            ready = False
            while group.running():
                ready = ready or group.stopping or is_ready()
                received = _wait(wake_up, group.time_left() if ready else LOOK_EVERY)
                group.obey([number for number in received if number in SIGNALS])
                group.notice_deaths()
                group.insist()
        finally:
            group.leave_nobody()
        return group.code()


class _Group:
    def __init__(self, say: Say, patience: float) -> None:
        self.say = say
        self.patience = patience
        self.ends: float | None = None  # when patience does, on the monotonic clock
        self.again = 0.0  # when to ask once more, on the same clock
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False
        self.failed = False

    def start(self, programs: list[Program]) -> None:
        for program in programs:
            # A session of its own: Ctrl-C in a terminal would otherwise reach everybody at once, and us again.
            self.processes[program.name] = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                env=program.environment,
                pass_fds=program.pass_fds,
                start_new_session=True,
            )

    def running(self) -> bool:
        return any(process.poll() is None for process in self.processes.values())

    def obey(self, signals: list[int]) -> None:
        for _ in signals:
            if self.stopping:
                self._kill()
            else:
                self.say("Stopping, once what is under way is done. Once more to stop at once.")
                self._stop()

    def notice_deaths(self) -> None:
        """A program that ends although nobody asked it to ends the others."""
        for name, process in self.processes.items():
            if process.poll() is not None and not self.stopping:
                self.say(f"The {name} ended by itself (code {process.returncode}); stopping everything.")
                self.failed = True
                self._stop()

    def time_left(self) -> float | None:
        """Seconds until :meth:`insist` has something to do; None as long as nobody was asked to stop."""
        return None if self.ends is None else max(0.0, min(self.ends, self.again) - time.monotonic())

    def insist(self) -> None:
        """Asks those who still run once more, or kills them when patience is at its end."""
        now = time.monotonic()
        if self.ends is not None and now >= self.ends:
            self._kill()
        elif self.stopping and now >= self.again:
            self._ask()

    def leave_nobody(self) -> None:
        """If we fail (the terminal we speak to has gone, a program is missing), nobody else would stop the programs."""
        self._ask()
        for process in self.processes.values():
            try:
                process.wait(self.patience)
            except subprocess.TimeoutExpired:
                self._kill()
                process.wait()

    def code(self) -> int:
        """0 if all programs stopped well when asked to."""
        return 1 if self.failed else max(abs(process.returncode) for process in self.processes.values())

    def _stop(self) -> None:
        self.stopping = True
        self.ends = time.monotonic() + self.patience
        self._ask()

    def _ask(self) -> None:
        self.again = time.monotonic() + AGAIN_SECONDS
        for process in self.processes.values():
            process.terminate()  # does nothing if it has ended

    def _kill(self) -> None:
        """With the children, which nobody else would stop: each program has a process group of its own."""
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def _signals() -> Iterator[int]:
    """While this block runs, signals and the end of children only write their number into the pipe it yields."""
    receive, send = os.pipe()
    os.set_blocking(receive, False)
    os.set_blocking(send, False)
    old_fd = signal.set_wakeup_fd(send)
    old = {number: signal.signal(number, _nothing) for number in (*SIGNALS, signal.SIGCHLD)}
    try:
        yield receive
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(old_fd)
        os.close(receive)
        os.close(send)


def _nothing(number: int, frame: FrameType | None) -> None:
    """A handler in Python must exist for the number to be written."""


def _wait(wake_up: int, seconds: float | None) -> bytes:
    """Sleeps until a signal comes; each byte of the result is the number of one."""
    if not select.select([wake_up], [], [], seconds)[0]:
        return b""
    return os.read(wake_up, 4096)
