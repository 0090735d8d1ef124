#!/usr/bin/env python
"""The command line of an instance. Starts the embedded PostgreSQL for as long as a command needs it."""

import os
import signal
import sys
from pathlib import Path

# ``site`` is a module of the standard library, so ``site/`` is a source root and never a package.
sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    _fill_standard_input()
    # Without these, a signal would end a command before it let go of its database. Servers install their own.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # nohup ignores it
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))

    from config.ending import insist

    insist(SystemExit, KeyboardInterrupt)

    from django.core.management import execute_from_command_line

    from config.database import held_for_command

    try:
        with held_for_command(sys.argv):
            execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        # Whoever stops us may ask more than once, and Python drops its handlers some time before it has ended: a signal
        # then would turn a good end into a bad one.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _fill_standard_input() -> None:
    """Under a supervisor that closes standard input, the next file opened would get its number and be lost in
    children."""
    try:
        os.fstat(0)
    except OSError:
        os.open(os.devnull, os.O_RDONLY)


if __name__ == "__main__":
    main()
