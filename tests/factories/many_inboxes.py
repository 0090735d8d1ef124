"""Hundreds of servers in one thread, each on a port of its own on loopback, that take everything and keep it."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request that came in whole. ``at`` is on the monotonic clock."""

    at: float
    inbox: str
    body: bytes


class ManyInboxes:
    """``origins`` are ready inside the block. ``latency`` is how many seconds each answer takes."""

    def __init__(self, count: int, latency: float = 0.03) -> None:
        self.latency = latency
        self.receipts: list[Receipt] = []
        self.origins: list[str] = []
        self._count = count
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(60)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    async def _open(self) -> None:
        for _ in range(self._count):
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1024 * 1024)
            self._servers.append(server)
            self.origins.append(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                target = head[0].split(" ")[1]
                self.receipts.append(Receipt(time.monotonic(), f"http://127.0.0.1:{port}{target}", body))
                await asyncio.sleep(self.latency)
                writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        except (OSError, EOFError):  # whoever sent was killed, or is done
            pass
        finally:
            writer.close()
