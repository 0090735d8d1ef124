"""Ties a child process to the life of its parent, so that a supervisor killed with -9 leaves nobody behind who holds
the port or the database."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
# For what is under way, and longer than any of our processes gives itself.
PATIENCE_SECONDS = 60.0


def end_with_parent(parent: int, patience: float = PATIENCE_SECONDS) -> None:
    """This process gets a SIGTERM when its parent, whose process id is ``parent``, ends for whatever reason, and if it
    is still there ``patience`` seconds later, it ends at once: who would have insisted is gone. Only Linux knows how;
    elsewhere nothing happens."""
    if not sys.platform.startswith("linux"):
        return
    threading.Thread(target=_insist, args=(parent, patience), name="parent", daemon=True).start()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signal.SIGTERM)


def _insist(parent: int, patience: float) -> None:
    try:
        watched = os.pidfd_open(parent)
    except ProcessLookupError:
        pass
    except OSError:  # a kernel before 5.3, or a sandbox
        return
    else:
        ended = select.poll()
        ended.register(watched, select.POLLIN)
        while os.getppid() == parent:  # otherwise the number may be somebody else's by now
            ended.poll()
    time.sleep(patience)
    os._exit(1)
