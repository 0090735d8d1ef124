"""The servers that everything is sent to: many ports of 127.0.0.1, which are as many origins, with one certificate. It
takes every POST with 202 after ``--latency`` seconds. Ports that are dead let connect and then say nothing, as a
crashed server behind a living load balancer does. Orders come as lines on the standard input, whose end ends it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import ssl
import sys
import threading
from dataclasses import asdict, dataclass

# Below what the kernel hands out for outgoing connections.
FIRST_PORT, LAST_PORT = 10_001, 32_767
# The one there that fetch() refuses as a bad port, and so Fedify (Fetch Standard, "bad port").
BAD_PORT = 10_080
_ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Counts:
    connections: int = 0
    posts: int = 0


class Inbox(asyncio.Protocol):
    def __init__(self, counts: Counts, latency: float) -> None:
        self.counts = counts
        self.latency = latency
        self.buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.counts.connections += 1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (whole := self._whole()) is not None:
            del self.buffer[:whole]
            self.counts.posts += 1
            if self.latency:
                asyncio.get_running_loop().call_later(self.latency, self._answer)
            else:
                self._answer()

    def _whole(self) -> int | None:
        """How long the first request is, once it is all there."""
        end = self.buffer.find(b"\r\n\r\n") + 4
        if end < 4:
            return None
        head = bytes(self.buffer[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at)]) if at >= 0 else 0
        return end + length if len(self.buffer) >= end + length else None

    def _answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(_ACCEPTED)  # type: ignore[attr-defined]


def listen(count: int, first: int) -> list[socket.socket]:
    found = []
    for port in range(first, LAST_PORT + 1):
        if len(found) == count:
            break
        if port == BAD_PORT:
            continue
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
            sock.listen(128)
        except OSError:  # somebody else's
            sock.close()
            continue
        found.append(sock)
    if len(found) < count:
        raise SystemExit(f"only {len(found)} of {count} ports are free")
    return found


def obey(counts: Counts) -> None:
    for line in sys.stdin:
        if line.strip() == "forget":
            counts.connections = counts.posts = 0
        print(json.dumps(asdict(counts)), flush=True)
    os._exit(0)


async def serve(options: argparse.Namespace) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    context.num_tickets = 0  # every handshake is a whole one, for all senders alike
    counts = Counts()
    live = listen(options.live, FIRST_PORT)
    dead = listen(options.dead, live[-1].getsockname()[1] + 1)
    loop = asyncio.get_running_loop()
    for sock in live:
        await loop.create_server(lambda: Inbox(counts, options.latency), sock=sock, ssl=context, backlog=128)
    threading.Thread(target=obey, args=(counts,), daemon=True).start()
    ports = {"live": [s.getsockname()[1] for s in live], "dead": [s.getsockname()[1] for s in dead]}
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--live", type=int, required=True)
    parser.add_argument("--dead", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    asyncio.run(serve(parser.parse_args()))
