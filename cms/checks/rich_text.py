"""Reads rich text as Wagtail stores it: its links, and its words without what it quotes."""

from __future__ import annotations

from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag

_BLOCKS = ["p", "li", "h2", "h3", "h4", "h5", "h6", "br", "hr", "pre"]


@dataclass(frozen=True, slots=True)
class Anchor:
    """``kind`` is what Wagtail calls the type of link, empty for an address; ``target`` the number or the address."""

    words: str
    kind: str
    target: str


def read(source: str) -> tuple[str, list[Anchor]]:
    """The words, a paragraph to a line, and the links in their order. What stands in a quotation is left out of the
    words; its links lead on all the same."""
    soup = BeautifulSoup(source, "html.parser")
    anchors = [_anchor(tag) for tag in soup.find_all("a")]
    for quoted in soup.find_all("blockquote"):
        quoted.replace_with("\n")
    for tag in soup.find_all(_BLOCKS):
        tag.append("\n")
    return soup.get_text(), anchors


def _anchor(tag: Tag) -> Anchor:
    kind = str(tag.get("linktype", ""))
    return Anchor(" ".join(tag.get_text().split()), kind, str(tag.get("id" if kind else "href", "")))
