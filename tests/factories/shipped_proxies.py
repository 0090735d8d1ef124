"""The proxies that docs/how-to/deploy is for, run with the very files that stand there: only host, ports and the paths
of the certificate are other ones. What a proxy needs beyond those files (where to put its own files, no administration
port) is added around them."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .instances import ROOT, Authority, end, eventually, free_port

DEPLOY = ROOT / "docs" / "how-to" / "deploy"
NAME = "news.example.org"
BACKEND = "127.0.0.1:8000"
# ``.ci/prepare test`` unpacks what the machine lacks, without installing it: that would start it, on port 80.
UNPACKED = ROOT / ".venv" / "proxies"
FOLDERS = [UNPACKED / "usr" / "bin", UNPACKED / "usr" / "sbin", Path("/usr/sbin"), Path("/usr/local/sbin")]


@dataclass(frozen=True)
class ShippedProxy:
    """``https://localhost:<port>`` in front of ``http://127.0.0.1:<backend>``."""

    kind: str
    port: int
    version: str


def find_binary(kind: str) -> str:
    found = shutil.which(kind, path=os.pathsep.join([*os.environ["PATH"].split(os.pathsep), *map(str, FOLDERS)]))
    assert found, f"{kind} is missing: run make test, which gets it, or install it"
    return found


@contextmanager
def shipped_proxy(kind: str, backend: int, authority: Authority, folder: Path) -> Iterator[ShippedProxy]:
    port = free_port()
    folder.mkdir()
    command = {"nginx": _nginx, "caddy": _caddy}[kind](port, backend, authority, folder)
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)},
        )
    try:
        eventually(lambda: _speaks(process, port, authority, log), what=f"{kind} starts; see {log}")
        yield ShippedProxy(kind, port, _version(command[0], kind))
    finally:
        end(process)


def _nginx(port: int, backend: int, authority: Authority, folder: Path) -> list[str]:
    shipped = _changed(
        (DEPLOY / "nginx.conf").read_text(),
        {
            "    listen 80;\n    listen [::]:80;\n": f"    listen 127.0.0.1:{free_port()};\n",
            "listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n": f"listen 127.0.0.1:{port} ssl http2;\n",
            f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(authority.certificate),
            f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(authority.key),
            NAME: "localhost",
            BACKEND: f"127.0.0.1:{backend}",
        },
    )
    (folder / "shipped.conf").write_text(shipped)
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {places} include {folder}/shipped.conf; }}\n"
    )
    return [find_binary("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]


def _caddy(port: int, backend: int, authority: Authority, folder: Path) -> list[str]:
    shipped = _changed(
        (DEPLOY / "Caddyfile").read_text(),
        {
            f"\n{NAME} {{": f"\nhttps://localhost:{port} {{\n\tbind 127.0.0.1\n"
            f"\ttls {authority.certificate} {authority.key}",
            f"reverse_proxy {BACKEND}": f"reverse_proxy 127.0.0.1:{backend}",
        },
    )
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{shipped}")
    return [find_binary("caddy"), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


def _changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"the shipped file has no longer {old!r}"
        text = text.replace(old, new)
    return text


def _speaks(process: subprocess.Popen[bytes], port: int, authority: Authority, log: Path) -> bool:
    assert process.poll() is None, log.read_text(errors="replace")[-3000:]
    try:
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            authority.context().wrap_socket(plain, server_hostname="localhost"),
        ):
            return True
    except (ConnectionRefusedError, ssl.SSLError):
        return False


def _version(binary: str, kind: str) -> str:
    done = subprocess.run([binary, "-v" if kind == "nginx" else "version"], capture_output=True, text=True, check=True)
    return (done.stdout + done.stderr).strip()
