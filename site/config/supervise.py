"""Runs several processes as one: they start together, stop together, and one that dies takes the others with it,
because a web server without its worker would look healthy while nothing is delivered."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Program:
    """``pass_fds`` are file descriptors that the process keeps open."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)
    pass_fds: tuple[int, ...] = ()


def supervise(programs: list[Program], say: Say, ready: Callable[[], Awaitable[None]]) -> int:
    """Runs ``programs`` until one ends or a signal comes; returns the exit code for this process.

    The first signal lets every program finish what it is doing, a second one kills them. ``ready`` is awaited beside
    them, to greet the operator once they answer.
    """
    return asyncio.run(_Supervisor(say).run(programs, ready))


class _Supervisor:
    def __init__(self, say: Say) -> None:
        self.say = say
        self.running: dict[str, asyncio.subprocess.Process] = {}
        self.asked = asyncio.Event()
        self.signals = 0

    async def run(self, programs: list[Program], ready: Callable[[], Awaitable[None]]) -> int:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._on_signal)
        for program in programs:
            # A session of its own: Ctrl-C in a terminal would otherwise reach everybody at once, and us again.
            self.running[program.name] = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                env=program.environment,
                pass_fds=program.pass_fds,
                start_new_session=True,
            )
        ends = {asyncio.create_task(process.wait(), name=name) for name, process in self.running.items()}
        asked = asyncio.create_task(self.asked.wait())
        greeting = asyncio.ensure_future(ready())
        await asyncio.wait({*ends, asked}, return_when=asyncio.FIRST_COMPLETED)
        greeting.cancel()
        failed = self._report_deaths()
        self._send(signal.SIGKILL if self.signals > 1 else signal.SIGTERM)
        await asyncio.wait(ends)
        asked.cancel()
        codes = {name: process.returncode or 0 for name, process in self.running.items()}
        return failed or max(abs(code) for code in codes.values())

    def _report_deaths(self) -> int:
        """1 if a program ended although nobody asked it to."""
        dead = {name: process.returncode for name, process in self.running.items() if process.returncode is not None}
        if self.signals or not dead:
            return 0
        for name, code in dead.items():
            self.say(f"The {name} ended by itself (code {code}); stopping everything.")
        return 1

    def _on_signal(self) -> None:
        self.signals += 1
        self.asked.set()
        if self.signals == 1:
            self.say("Stopping, once what is under way is done. Once more to stop at once.")
        else:
            self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        for process in self.running.values():
            if process.returncode is None:
                process.send_signal(number)
