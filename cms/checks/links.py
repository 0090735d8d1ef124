"""Which addresses lead nowhere, judged by their letters alone: nothing is fetched."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[^\s/@]+")
_NUMBER = re.compile(r"\d")


def is_address(href: str) -> bool:
    """Whether a reader who taps this gets somewhere: a web address with a host, a path of this site, a place on this
    page, an e-mail address or a telephone number."""
    text = href.strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme:
        return _SCHEMES.get(parts.scheme, lambda *_: False)(host, parts.path)
    if parts.netloc:
        return bool(_HOST.fullmatch(host))
    return text.startswith("/") or (text.startswith("#") and len(text) > 1)


_SCHEMES = {
    "http": lambda host, path: bool(_HOST.fullmatch(host)),
    "https": lambda host, path: bool(_HOST.fullmatch(host)),
    "mailto": lambda host, path: "@" in path.strip("@"),
    "tel": lambda host, path: bool(_NUMBER.search(path)),
}
