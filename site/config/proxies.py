"""Believes what a proxy says about a request only if the proxy is one of ours.

Anybody can send ``X-Forwarded-Proto`` or ``X-Forwarded-Host``. A request that does not come from ``TRUSTED_PROXIES``
loses every such header before another middleware looks. Ids and links never depend on them: ``SITE_URL`` does that.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class TrustedProxies:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.networks: tuple[IPv4Network | IPv6Network, ...] = tuple(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_trusted(request.META.get("REMOTE_ADDR", ""), self.networks):
            for name in [name for name in request.META if name.startswith(("HTTP_X_FORWARDED_", "HTTP_FORWARDED"))]:
                del request.META[name]
        return self.get_response(request)


def is_trusted(address: str, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    """Whether ``address`` lies in one of ``networks``. What is not an address (a Unix socket's empty one) does not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:  # how a dual-stack socket reports an IPv4 peer
        ip = ip.ipv4_mapped
    return any(ip in network for network in networks)
