"""Makes sure that a signal which asks a process to end really ends it. Python turns such a signal into an exception
wherever the program happens to be: if that is a callback of the garbage collector (Django's migrations and every import
run many), the exception is printed and lost, and if it is the middle of starting the database, something half made
stays behind. Commands of ours call :func:`insist` once; whoever must not be interrupted uses :func:`postponed`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)
AGAIN_SECONDS = 0.05  # long enough to leave the callback that swallowed an exception


def insist(*kinds: type[BaseException]) -> None:
    """From now on, an exception of ``kinds`` that a callback swallowed in the main thread is raised again a moment
    later, until it gets through. Uses SIGALRM, which nothing else here does."""
    lost: list[BaseException] = []
    report = sys.unraisablehook

    def raise_again(number: int, frame: FrameType | None) -> NoReturn:
        raise lost[-1].with_traceback(None)

    def remember(swallowed: sys.UnraisableHookArgs) -> None:
        if not isinstance(swallowed.exc_value, kinds) or threading.get_ident() != threading.main_thread().ident:
            report(swallowed)
            return
        lost.append(swallowed.exc_value)
        signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)

    signal.signal(signal.SIGALRM, raise_again)
    sys.unraisablehook = remember


@contextmanager
def postponed() -> Iterator[None]:
    """Signals that come inside this block are obeyed after it. Keep it short, and start children in a session of their
    own, or Ctrl-C in a terminal reaches them all the same. Children are not affected: nothing is blocked or ignored."""
    if threading.get_ident() != threading.main_thread().ident:  # only the main thread ever runs a handler
        yield
        return
    came: list[int] = []
    # One without a handler in Python would end the process at once; one that is ignored stays so.
    old = {n: h for n in SIGNALS if (h := signal.getsignal(n)) is not None and h != signal.SIG_IGN}
    for each in old:
        signal.signal(each, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        for each, handler in old.items():
            signal.signal(each, handler)
        for number in came:
            signal.raise_signal(number)
