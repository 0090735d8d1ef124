"""Whether this machine's clock is good enough to talk to others. Signatures carry the time, and peers refuse what is a
few minutes off, so a wrong clock silently ends all deliveries and all followers' requests."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import time

from django.db import connection

LIMIT_SECONDS = 60.0
_TIMEX_BYTES = 512  # struct timex has 208 on 64-bit Linux
_TIME_ERROR = 5


class WrongClock(SystemExit):
    """The clock is too far off to start."""


def judge_clock(ahead: float, synchronised: bool | None, limit: float = LIMIT_SECONDS) -> tuple[bool, str]:
    """Whether to start, and a sentence for the operator (empty if all is well).

    ``ahead`` is how many seconds this machine is ahead of the database's; ``synchronised`` says whether the system
    keeps its clock by NTP, None if it cannot tell.
    """
    if abs(ahead) > limit:
        word = "ahead of" if ahead > 0 else "behind"
        return False, (
            f"This machine's clock is {abs(ahead):.0f} seconds {word} the database's. Other servers would refuse every "
            "message. Synchronise both clocks (for example: timedatectl set-ntp true) and start again."
        )
    if synchronised is False:
        return True, (
            "The system says that its clock is not synchronised. Once it has drifted by some seconds, other servers "
            "refuse our messages. Turn on NTP (for example: timedatectl set-ntp true)."
        )
    return True, ""


def check_clock() -> str:
    """A warning, or an empty text; raises :class:`WrongClock` if the instance must not start."""
    good, sentence = judge_clock(_seconds_ahead_of_database(), _is_synchronised())
    if not good:
        raise WrongClock(sentence)
    return sentence


def _seconds_ahead_of_database() -> float:
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        after = time.time()
    return (before + after) / 2 - theirs


def _is_synchronised() -> bool | None:
    if not shutil.which("timedatectl"):
        return _ask_the_kernel()
    try:
        answer = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=3,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(answer.stdout.strip())


def _ask_the_kernel() -> bool | None:
    """adjtimex(2), which also answers inside a container. It is only asked: no bit of ``modes``, the first member, is
    set. None where there is no such call."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if state < 0 else state != _TIME_ERROR
