"""The network address that a request comes from, to count how often somebody asks. Nothing here keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def asker(request: HttpRequest) -> str:
    """The nearest address on the way to us that is no proxy of ours. Each proxy adds the one that it was asked from, so
    what stands left of the first stranger's is only what that stranger says. ``TrustedProxies`` has already dropped the
    header of anybody else."""
    hops = [*request.headers.get("X-Forwarded-For", "").split(","), str(request.META.get("REMOTE_ADDR", ""))]
    for hop in reversed([hop.strip() for hop in hops if hop.strip()]):
        if not _is_ours(hop, settings.TRUSTED_PROXIES):
            return hop
    return hops[-1]


def _is_ours(address: str, networks: Iterable[object]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None) or ip  # how a dual-stack socket reports an IPv4 peer
    return any(mapped in network for network in networks)  # type: ignore[operator]
