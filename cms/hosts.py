"""Lists of hosts that editors type, one on a line: as people write them, and as servers compare them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import idna
from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_SEPARATORS = re.compile(r"[\s,;]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def split_hosts(text: str) -> tuple[str, ...]:
    """The hosts, each once, in lower-case ASCII (``xn--``). What is no host stays as it was typed."""
    return tuple(dict.fromkeys(find_host(part) or part for part in _SEPARATORS.split(text) if part))


def find_host(text: str) -> str | None:
    """“Example.org”, “https://example.org/blog” and “münchen.example” as servers know them; None for what is none: an
    address of numbers, a name without a dot, or one with a port, since other servers compare names alone."""
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        if parts.port is not None or parts.username is not None:
            return None
        host = idna.encode(parts.hostname or "", uts46=True).decode("ascii")
    except (ValueError, UnicodeError):
        return None
    labels = host.split(".")
    is_name = len(labels) > 1 and len(host) <= 253 and not labels[-1].isdecimal()
    return host if is_name and all(map(_LABEL.fullmatch, labels)) else None


@deconstructible
class HostList:
    """A validator: hosts only, and at most ``most`` of them."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, text: str) -> None:
        hosts = split_hosts(text)
        for host in hosts:
            if find_host(host) is None:
                raise ValidationError(
                    _("“%(host)s” is not the name of a host. Write for example: blog.example.org") % {"host": host}
                )
        if len(hosts) > self.most:
            raise ValidationError(
                ngettext("At most %(most)d host.", "At most %(most)d hosts.", self.most) % {"most": self.most}
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HostList) and other.most == self.most

    def __hash__(self) -> int:
        return hash(self.most)
