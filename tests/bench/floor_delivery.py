"""The floor under delivery: a bare loop that only signs and posts. urllib3 with one TLS context for all, which verifies
as everything else here does; no guard, no limits, no ledger, no second scheme."""

from __future__ import annotations

import base64
import hashlib
import ssl
import threading
from collections import deque
from collections.abc import Sequence
from email.utils import formatdate
from urllib.parse import urlsplit

import certifi
import urllib3
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from . import place


def shared_context() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_verify_locations(place.BUNDLE)
    return context


def send_all(batches: Sequence[Sequence[str]], body: bytes, key: RSAPrivateKey, context: ssl.SSLContext) -> int:
    """Each batch of inboxes is one thread's, over connections of its own; how many were accepted."""
    accepted: deque[int] = deque()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    threads = [threading.Thread(target=_send, args=(batch, body, digest, key, context, accepted)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(accepted)


def _send(
    inboxes: Sequence[str],
    body: bytes,
    digest: str,
    key: RSAPrivateKey,
    context: ssl.SSLContext,
    accepted: deque[int],
) -> None:
    with urllib3.PoolManager(num_pools=8, maxsize=1, ssl_context=context, retries=False) as pool:
        for inbox in inboxes:
            parts = urlsplit(inbox)
            date = formatdate(usegmt=True)
            text = (
                f"(request-target): post {parts.path}\nhost: {parts.netloc}\ndate: {date}\ndigest: SHA-256={digest}"
                "\ncontent-type: application/activity+json"
            )
            signature = base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()
            headers = {
                "Host": parts.netloc,
                "Date": date,
                "Digest": f"SHA-256={digest}",
                "Content-Type": "application/activity+json",
                "Signature": 'keyId="https://hub.example/a#main-key",algorithm="rsa-sha256",headers="(request-target)'
                f' host date digest content-type",signature="{signature}"',
            }
            accepted.append(pool.request("POST", inbox, body=body, headers=headers).status == 202)
