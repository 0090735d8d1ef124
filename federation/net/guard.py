"""Which addresses this site may talk to. Anybody can make a server fetch an address, by naming it in an activity, a
profile or a WebFinger answer; without a guard that reaches the database, the cloud's metadata service, the printer.
Everything is refused that is not known to be public: other projects listed the bad ranges instead, and had to patch
their lists (Mastodon CVE-2026-22245, Lemmy CVE-2026-33693, Fedify CVE-2026-50131). Pure: the client calls ``check_url``
before, and :mod:`.dial` calls ``may_dial`` on the very address that it connects to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from federation.errors import Refused

from .location import Location, read_location

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# The whole IANA special-purpose registry, also where it says "globally reachable" (anycast relays, AS 112), and
# multicast. ``ipaddress.is_global`` is not used: Python 3.11 calls 192.88.99.1, 224.0.0.1 and ::127.0.0.1 global.
_SPECIAL_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip
_GLOBAL_V6 = IPv6Network("2000::/3")
# Within it: protocol assignments with Teredo, documentation (twice), 6to4, direct delegation of AS 112.
_SPECIAL_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")))
# The well-known prefix of RFC 6052: on a host with IPv6 only, DNS gives these for every IPv4 site. The local-use prefix
# 64:ff9b:1::/48 has no fixed place for the IPv4 address, so it cannot be looked into and stays refused.
_NAT64 = IPv6Network("64:ff9b::/96")
# Names that only a local resolver answers (RFC 6762, RFC 8375, ICANN's .internal) or that are no DNS names (RFC 7686).
_LOCAL_SUFFIXES = (".local", ".internal", ".localdomain", ".home.arpa", ".onion", ".i2p")
_LOOPBACK: tuple[Address, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator allows beyond the public internet.

    ``allow_private``: networks that may be reached although they are not public; a host written as an address in
    them, and ``localhost`` where they hold the loopback address, may have any port. ``allow_http``: plain http, but
    only to such hosts. ``own_addresses``: public addresses of this machine, refused unless ``allow_private`` holds
    them, since services behind the firewall listen there too. ``ports``: for all other hosts.
    """

    allow_private: tuple[Network, ...] = ()
    allow_http: bool = False
    own_addresses: frozenset[Address] = field(default_factory=frozenset)
    ports: frozenset[int] = frozenset({443})


def is_public_address(address: str | Address, allow: Iterable[Network] = ()) -> bool:
    """Whether ``address`` is public unicast, or lies in one of ``allow``. Text that is no address is not.

    IPv6 inside which an IPv4 address travels is judged by what it reaches: mapped and NAT64 by the IPv4 address within;
    6to4, Teredo and compatible addresses are refused whatever they hold, as no site on the web needs them.
    """
    try:
        address = _unwrap(ip_address(address) if isinstance(address, str) else address)
    except ValueError:
        return False
    if any(address in network for network in allow):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)


def may_dial(address: Address, policy: Policy) -> bool:
    """Whether a connection to ``address`` is allowed: asked at connect time, about the address itself (SS-02)."""
    if not is_public_address(address, policy.allow_private):
        return False
    address = _unwrap(address)
    return address not in policy.own_addresses or _is_allowed(address, policy)


def check_url(url: str, policy: Policy) -> Location:
    """Takes ``url`` apart if its spelling is allowed; raises :class:`Refused` with a sentence otherwise (SS-04, AU-01).

    This looks at the text alone. What a name resolves to is judged when it is dialled, because a name can resolve to
    something else the next time (DNS rebinding).
    """
    location = read_location(url)
    known = is_known_host(location, policy)
    reason = None
    if location.scheme == "http" and not (known and policy.allow_http):
        reason = "not https"
    elif not known:
        reason = _find_objection(location, policy)
    if reason is not None:
        raise Refused(f"{reason}: {location.url[:200]!r}", sentence=f"This address is not allowed: {reason}.")
    return location


def is_known_host(location: Location, policy: Policy) -> bool:
    """Whether the operator listed this very host: an address within ``allow_private``, or localhost."""
    if _is_localhost(location.host):
        return any(_is_allowed(address, policy) for address in _LOOPBACK)
    return location.literal is not None and _is_allowed(_unwrap(location.literal), policy)


def find_fixed_addresses(location: Location) -> tuple[Address, ...] | None:
    """The addresses of a host that no resolver needs to be asked for, or None. RFC 6761 §6.3: ``localhost`` and names
    under it are the loopback address and must not be asked for, as not every resolver knows that."""
    if _is_localhost(location.host):
        return _LOOPBACK
    return None if location.literal is None else (location.literal,)


def _find_objection(location: Location, policy: Policy) -> str | None:
    if location.literal is not None:
        return "an IP address instead of a name"
    if "." not in location.host or _is_localhost(location.host):
        return "not a public host name"
    if location.host.endswith(_LOCAL_SUFFIXES):
        return "a name for local networks"
    if location.port not in policy.ports:
        return f"port {location.port}"
    return None


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _is_allowed(address: Address, policy: Policy) -> bool:
    return any(address in network for network in policy.allow_private)


def _unwrap(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address
