"""Limits how often something may be tried: by whom it comes from, or by what it is about.

To be asked outside of a transaction: one that is rolled back would forget the attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from cms.models import RateWindow

_COUNT = """
INSERT INTO cms_ratewindow AS held (key, ends_at, count) VALUES (%(key)s, %(end)s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN held.ends_at <= %(now)s THEN 1 ELSE held.count + 1 END,
    ends_at = CASE WHEN held.ends_at <= %(now)s THEN %(end)s ELSE held.ends_at END
RETURNING count, ends_at
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` attempts within ``seconds``, for each subject."""

    name: str
    most: int
    seconds: int


def seconds_to_wait(limit: Limit, subject: str, now: datetime) -> int:
    """Counts one attempt; 0 if it may go on, else the seconds until the next may."""
    key = salted_hmac(f"cms.limits.{limit.name}", subject, algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "now": now, "end": now + timedelta(seconds=limit.seconds)})
        count, ends_at = cursor.fetchone()
    return 0 if count <= limit.most else max(1, int((ends_at - now).total_seconds()))


def forget(limit: Limit, subject: str) -> None:
    """After a success, so that it does not count."""
    RateWindow.objects.filter(
        key=salted_hmac(f"cms.limits.{limit.name}", subject, algorithm="sha256").hexdigest()
    ).delete()


def clear(now: datetime) -> int:
    """Removes what is over; how many."""
    return RateWindow.objects.filter(ends_at__lt=now).delete()[0]


def network_of(request: HttpRequest) -> str:
    """Where a request comes from, as far as our own proxies say: an IPv4 address, or the /64 of an IPv6 one, which one
    household has to itself. The proxy that we trust wrote the last address of the header; others it only passed on."""
    hops = [request.META.get("REMOTE_ADDR", "")]
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()] + hops
    trusted = getattr(settings, "TRUSTED_PROXIES", ())
    for hop in reversed(hops):
        try:
            address = ip_address(hop)
        except ValueError:
            break
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if not any(address in network for network in trusted):
            return str(ip_network((address, 64), strict=False) if address.version == 6 else address)
    return hops[-1]
