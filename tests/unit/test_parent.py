"""Processes that end with their parent."""

from __future__ import annotations

import os
import subprocess
import sys

PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid())])
time.sleep(60)
"""
STUBBORN = """
import signal, sys, time
from config.parent import end_with_parent

signal.signal(signal.SIGTERM, lambda *_: print("asked", flush=True))
end_with_parent(int(sys.argv[1]), patience=0.5)
print("ready", flush=True)
while True:
    time.sleep(60)
"""


def test_whoever_does_not_obey_the_stop_of_a_dead_parent_is_ended() -> None:
    """Fails if nobody insists: a web server with a connection that never ends outlived its supervisor."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, STUBBORN],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    parent.kill()
    # The child holds the other end of the pipe as long as it lives.
    assert parent.communicate(timeout=20)[0] == "asked\n"
