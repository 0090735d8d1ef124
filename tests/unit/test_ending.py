"""A signal that asks a process to end does end it, wherever it comes. Signals are real, so each test has a process."""

from __future__ import annotations

import os
import subprocess
import sys

BEGIN = """
import gc, os, signal, sys, weakref
from config.ending import insist, postponed

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
def terminate(*_): os.kill(os.getpid(), signal.SIGTERM)
def say(text): os.write(1, text.encode())
class Thing: pass
"""
# Python prints what a callback of a weak reference raises, and forgets it.
SWALLOW = """
thing = Thing()
weakref.finalize(thing, terminate)
del thing
say("went on;")
signal.pause()
say("and on;")
"""
POSTPONED = """
try:
    with postponed():
        terminate()
        say("finished;")
    say("went on;")
finally:
    say("cleaned up;")
"""


def run(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BEGIN + script],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_a_signal_that_a_callback_swallowed_ends_the_process() -> None:
    done = run("insist(SystemExit)" + SWALLOW)
    assert (done.returncode, done.stdout) == (143, "went on;")


def test_nothing_is_printed_about_it() -> None:
    assert run("insist(SystemExit)" + SWALLOW).stderr == ""


def test_an_ordinary_error_in_a_callback_is_still_printed() -> None:
    done = run("insist(SystemExit)\nthing = Thing()\nweakref.finalize(thing, lambda: 1 // 0)\ndel thing")
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (0, True)


def test_a_postponed_signal_is_obeyed_after_the_block() -> None:
    done = run(POSTPONED)
    assert (done.returncode, done.stdout) == (143, "finished;cleaned up;")


def test_a_postponed_signal_waits_for_the_outermost_block() -> None:
    done = run("with postponed():\n    with postponed():\n        terminate()\n    say('outer;')\nsay('went on;')")
    assert (done.returncode, done.stdout) == (143, "outer;")


def test_an_ignored_signal_stays_ignored() -> None:
    done = run(
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\nwith postponed():\n    "
        "assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN"
    )
    assert done.returncode == 0, done.stderr
