"""Where a request goes: an address taken apart once, strictly, so that the guard, the signature, the connection and the
request line all speak of the same host and path. Two readers that disagree about one address are the oldest way round
a guard. Pure; it decides only whether the text is a plain http(s) address, not whether we may go there (that is
:mod:`.guard`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, urljoin, urlsplit

from federation.errors import Refused

MAX_LENGTH = 2048
DEFAULT_PORTS = {"https": 443, "http": 80}

# Controls and space can smuggle a second request line; browsers and libraries disagree on backslashes.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
# What may stand in a path or query as it is (RFC 3986 §3.3, §3.4) and, with "%", what is encoded already.
_AS_IT_IS = "!$&'()*+,;=:@/?%-._~[]"


@dataclass(frozen=True, slots=True)
class Location:
    """``host`` is lower-case, without brackets. ``target`` is path and query exactly as they go on the wire and into
    the signature: ``%7e``, ``//``, ``;`` and ``..`` stay what the peer wrote, since it looks its ids up by that."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """What the Host header says: brackets round IPv6, the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what "same origin" compares (AU-01)."""
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    @property
    def literal(self) -> IPv4Address | IPv6Address | None:
        """The IP address that the host is written as, if it is one."""
        return _find_literal(self.host)

    def join(self, reference: str) -> str:
        """The address that a ``Location`` header means. Servers send raw UTF-8 there, which arrives as Latin-1."""
        try:
            reference = reference.encode("latin-1").decode("utf-8")
        except UnicodeError:
            pass
        try:
            return urljoin(self.url, reference)
        except ValueError as error:
            raise _refusal(reference, str(error)) from error


def read_location(text: str) -> Location:
    """Takes an absolute http(s) address apart; the fragment is dropped. Raises :class:`Refused` with the reason."""
    if len(text.encode(errors="replace")) > MAX_LENGTH:
        raise _refusal(text, f"longer than {MAX_LENGTH} bytes")
    if _FORBIDDEN.search(text):
        raise _refusal(text, "a control character, a space or a backslash")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise _refusal(text, str(error)) from error
    if parts.scheme not in DEFAULT_PORTS:
        raise _refusal(text, "neither https nor http")
    if "@" in parts.netloc:
        raise _refusal(text, "a user name before the host")
    if not parts.netloc.isascii():
        # "ⓔxample" and "example" are one name to some readers of IDNA and two to others; xn-- is one to all.
        raise _refusal(text, "a host that is not in ASCII (xn--…)")
    if port == 0 or parts.netloc.endswith(":"):
        raise _refusal(text, "no port after the colon")
    target = quote(parts.path, safe=_AS_IT_IS) or "/"
    if not target.startswith("/"):
        raise _refusal(text, "a path without a slash")
    if "?" in text.partition("#")[0]:
        target += "?" + quote(parts.query, safe=_AS_IT_IS)
    return Location(parts.scheme, _read_host(text, parts.netloc), port or DEFAULT_PORTS[parts.scheme], target)


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have scheme, host and port in common. False for what cannot be read (AU-01)."""
    try:
        return read_location(one).origin == read_location(other).origin
    except Refused:
        return False


def _read_host(text: str, netloc: str) -> str:
    if netloc.startswith("["):
        host, bracket, rest = netloc[1:].partition("]")
        address = _find_literal(host)
        if not bracket or not isinstance(address, IPv6Address) or "%" in host or (rest and rest[0] != ":"):
            raise _refusal(text, "brackets without an IPv6 address")
        return str(address)
    host = netloc.partition(":")[0].lower()
    if _find_literal(host) is not None:
        return host
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refusal(text, "not a host name")
    if _NUMERIC.fullmatch(labels[-1]):
        # 127.1, 0x7f.1 and 2130706433 are 127.0.0.1 to the C library.
        raise _refusal(text, "a host that ends in a number")
    return host


@lru_cache(maxsize=1024)  # asked several times for each delivery
def _find_literal(host: str) -> IPv4Address | IPv6Address | None:
    if ":" not in host and not host[-1:].isdigit():  # names, quickly
        return None
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refusal(text: str, reason: str) -> Refused:
    return Refused(f"{reason}: {text[:200]!r}", sentence=f"This address is not allowed: {reason}.")
