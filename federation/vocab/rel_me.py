"""Links by which a profile and a page say of each other that they belong together (``rel="me"``). Mastodon shows a
check mark where both do: in the profile's field, and on the page that it names (AC-09)."""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from .markup import Attributes, start_tag

_ONE_LINK = re.compile(r"<a((?: [a-z]+=\"[^\"]*\")*)>([^<]*)</a>")
_ATTRIBUTE = re.compile(r" ([a-z]+)=\"([^\"]*)\"")
_SPAN = re.compile(r"</?span[^>]*>")
_SCHEMES = ("https://", "http://")


def spelled_out(field: str) -> str:
    """A cleaned field that is one ``rel="me"`` link, with its whole address as its words, for Mastodon looks only at a
    link whose words are its address. What readers need not see of it is marked as Mastodon marks it. Any other field
    stays as it is."""
    attributes, _words = _read_link(field)
    address = attributes.get("href", "")
    scheme = next((scheme for scheme in _SCHEMES if address.startswith(scheme)), "")
    if not scheme:
        return field
    shown = address.removeprefix(scheme).removesuffix("/")
    end = address[len(scheme) + len(shown) :]
    words = f"{_unseen(scheme)}<span>{escape(shown, quote=False)}</span>{_unseen(end) if end else ''}"
    return f"{start_tag('a', attributes)}{words}</a>"


def named_links(document: dict[str, Any]) -> list[str]:
    """The addresses that an actor's document of ours names as its own, each once, in order."""
    fields = [field["value"] for field in document.get("attachment", []) if field.get("type") == "PropertyValue"]
    found = (_read_link(_SPAN.sub("", value)) for value in fields)
    return list(dict.fromkeys(given["href"] for given, words in found if given and given.get("href") == words))


def links_back(html: str, profile: str) -> bool:
    """Whether the page, a stranger's, has a ``rel="me"`` link to exactly the address ``profile``; upper and lower case
    are the same. The parser is fed once and never closed, which keeps it linear (see :mod:`.markup`)."""
    reader = _Links(profile)
    reader.feed(html)
    return reader.found


def _read_link(field: str) -> tuple[Attributes, str]:
    """Attributes and words of a field that is one ``rel="me"`` link and nothing else; empty for any other."""
    found = _ONE_LINK.fullmatch(field)
    attributes = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found[1])} if found else {}
    return (attributes, unescape(found[2])) if found and "me" in attributes.get("rel", "").split() else ({}, "")


def _unseen(words: str) -> str:
    return f'<span class="invisible">{words}</span>'


class _Links(HTMLParser):
    def __init__(self, wanted: str) -> None:
        super().__init__(convert_charrefs=True)
        self._wanted = wanted.lower()
        self.found = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("a", "link") or self.found:
            return
        given = {name: value or "" for name, value in reversed(attrs)}  # of two equal names, HTML takes the first
        self.found = "me" in given.get("rel", "").split() and given.get("href", "").lower() == self._wanted

    def parse_html_declaration(self, i: int) -> int:
        """All declarations are comments to HTML; the parser would raise on those that it does not know."""
        if self.rawdata.startswith("<!--", i):
            return self.parse_comment(i)
        return self.parse_bogus_comment(i)
