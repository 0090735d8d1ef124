"""The one TLS context of this process. Reading the bundle of certificate authorities costs 13 ms, and requests does it
for every connection: 55 deliveries a second instead of 462. Certificates and names are always verified; there is no
switch."""

from __future__ import annotations

import ssl
import threading

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from .sockets import PacedTlsSocket

_lock = threading.Lock()
_contexts: dict[str, ssl.SSLContext] = {}


class _SharedContext(ssl.SSLContext):
    """Not changed once it is in use. urllib3 sets ALPN anew for each connection; OpenSSL then frees the old list while
    another thread, which holds no lock in SSL_new, may be copying it."""

    sslsocket_class = PacedTlsSocket

    def set_alpn_protocols(self, alpn_protocols: object) -> None:
        """Already done by :func:`shared_context`."""


def shared_context(extra_authorities: str = "") -> ssl.SSLContext:
    """The context, made at the first call. ``extra_authorities`` is the path of a PEM file to trust beside the bundle
    that certifi keeps (settings: ``CA_BUNDLE``); a process normally has one value of it, and so one context."""
    with _lock:
        if extra_authorities not in _contexts:
            _contexts[extra_authorities] = _build(extra_authorities)
        return _contexts[extra_authorities]


def _build(extra_authorities: str) -> ssl.SSLContext:
    # PROTOCOL_TLS_CLIENT: certificate required and name checked.
    context = _SharedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.options |= ssl.OP_NO_COMPRESSION
    ssl.SSLContext.set_alpn_protocols(context, ["http/1.1"])
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if extra_authorities:
        context.load_verify_locations(extra_authorities)
    return context
