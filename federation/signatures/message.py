"""The request that is signed or verified, as plain values. It never decodes, normalises or re-encodes the path: the
bytes on the wire are what was signed, and rebuilding them from a decoded path is the most common reason why "all
signatures fail" behind a proxy. Built by ``net`` before sending and by ``views`` on receipt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .refused import SignatureRefused

_WITHOUT_CONTENT = frozenset({"GET", "HEAD"})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_UNWRITABLE = re.compile(r"[\x00-\x20\x7f]")


class Address(NamedTuple):
    """A request's target. ``authority`` is lower-case and without the default port; ``path`` begins with ``/``;
    ``query`` begins with ``?`` or is empty. Both are raw, as on the wire."""

    scheme: str
    authority: str
    path: str
    query: str

    @property
    def target(self) -> str:
        """What stands in the request line."""
        return self.path + self.query

    @property
    def uri(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}{self.query}"


@dataclass(frozen=True, slots=True)
class Message:
    """``url`` is absolute, with the exact raw path and query; on receipt its scheme and host are the configured ones,
    never those that a proxy's headers claim (SV-17). ``headers`` has lower-case names; where a header came more than
    once, its values are joined with ``", "``."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def address(self) -> Address:
        """Raises ValueError if ``url`` is not an absolute http(s) address."""
        return read_address(self.url)

    @property
    def has_content(self) -> bool:
        """Whether a signature must cover the body: always, except for a GET or HEAD that has none."""
        return bool(self.body) or self.method.upper() not in _WITHOUT_CONTENT

    def signed_value(self, name: str, address: Address) -> str:
        """A header's value as it is signed: without spaces around it.

        ``host`` is what the sender wrote only where that names this very host; otherwise the address decides. A proxy
        may have changed the header, and a signature made for another host must not count here.
        """
        value = self.headers.get(name)
        if name == "host":
            written = (value or "").strip(" \t")
            return written if normal_authority(address.scheme, written) == address.authority else address.authority
        if value is None:
            raise SignatureRefused(f"not sent: {name}", sentence="The signature covers a header that was not sent.")
        if "\n" in value or "\r" in value:  # a second line could pose as another covered header
            raise SignatureRefused(f"two lines: {name}", sentence="A signed header has more than one line.")
        return value.strip(" \t")


def read_address(url: str) -> Address:
    """The parts of an absolute http(s) address, without its fragment, which is never sent; raises ValueError."""
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    rest = rest.partition("#")[0]
    end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    authority, target = rest[:end], rest[end:]
    if not separator or scheme not in _DEFAULT_PORTS or not authority or "@" in authority or _UNWRITABLE.search(rest):
        raise ValueError("not an absolute http(s) address")
    path, question, query = target.partition("?")
    return Address(scheme, normal_authority(scheme, authority), path or "/", question + query)


def normal_authority(scheme: str, authority: str) -> str:
    """Host and port as RFC 9421 §2.2.3 compares them: lower-case, without the default port."""
    return authority.lower().removesuffix(_DEFAULT_PORTS[scheme])
