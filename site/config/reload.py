"""Restarts a command whenever the code changes, for contributors: ``python -m config.reload manage.py worker``.
Django's own server reloads by itself; this does the same for everything else."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from .env import BASE_DIR

FOLDERS = ("cms", "federation", "site")
LOOK_EVERY = 1.0  # seconds


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGTERM, stop)
    while True:
        seen = snapshot(BASE_DIR)
        with subprocess.Popen([sys.executable, *arguments], stdin=subprocess.DEVNULL) as process:
            try:
                while snapshot(BASE_DIR) == seen:
                    time.sleep(LOOK_EVERY)
            finally:
                process.terminate()


def stop(number: int, frame: FrameType | None) -> NoReturn:
    """Further signals are ignored: they would keep us from waiting for the command, which finishes what it is doing."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def snapshot(root: Path) -> dict[str, int]:
    """When each Python file was last changed."""
    files = (path for folder in FOLDERS for path in (root / folder).rglob("*.py"))
    return {str(path): path.stat().st_mtime_ns for path in files}


if __name__ == "__main__":
    main(sys.argv[1:])
