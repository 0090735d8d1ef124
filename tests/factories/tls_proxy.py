"""A TLS proxy like the ones that stand before a real instance: it passes the raw path, Host and X-Forwarded-Proto.
It can write down what went through, byte for byte."""

from __future__ import annotations

import http.client
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "proxy-connection"}


@dataclass
class Passed:
    """A request that went through, and the status of its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    status: int


@dataclass
class TlsProxy:
    """``https://localhost:<port>`` in front of ``http://127.0.0.1:<backend>``."""

    port: int
    backend: int
    certificate: Path
    key: Path
    passed: list[Passed] = field(default_factory=list)

    def __enter__(self) -> TlsProxy:
        proxy = self

        class Handler(_Handler):
            def __init__(self, *args: Any) -> None:
                self.proxy = proxy
                super().__init__(*args)

        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        # The handshake belongs to the connection's own thread: a client that never finishes it blocks nobody else.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: TlsProxy

    def _forward(self) -> None:
        stated = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(stated)
        if len(body) < stated:  # whoever sent it went away
            self.close_connection = True
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-For": self.client_address[0]}
        backend = http.client.HTTPConnection("127.0.0.1", self.proxy.backend, timeout=30)
        try:
            backend.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                backend.putheader(name, value)
            backend.endheaders(body or None)
            answer = backend.getresponse()
            content = answer.read()
        except OSError:
            self.send_error(502)
            return
        finally:
            backend.close()
        self.proxy.passed.append(Passed(self.command, self.path, dict(self.headers.items()), body, answer.status))
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_OPTIONS = _forward  # noqa: N815  names that the library calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Nothing: what passed is in the list."""
