"""Ties a child process to the life of its parent, so that a supervisor killed with -9 leaves nobody behind who holds
the port or the database."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """This process gets a SIGTERM when its parent, whose process id is ``parent``, ends for whatever reason. Only Linux
    knows how; elsewhere nothing happens."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signal.SIGTERM)
