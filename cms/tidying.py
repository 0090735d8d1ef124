"""Makes rich text that our editor can read out of the markup of word processors, which a program may have stored.
Wagtail reads its own markup only, and ends with an error at other. Headings, lists, links and emphasis stay; a row of a
table becomes a paragraph; pictures go. What is pasted in the browser is tidied there (``paste.js``)."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString

# What the editor writes itself; a text with anything else comes from elsewhere.
_KNOWN = frozenset(
    ["a", "b", "blockquote", "br", "code", "em", "embed", "h2", "h3", "h4", "hr", "i", "li", "ol", "p", "strong", "ul"]
)
_BLOCKS = ["blockquote", "h2", "h3", "h4", "hr", "li", "ol", "p", "ul"]
_GONE = ["head", "style", "script", "title", "xml", "img", "object", "iframe", "svg"]
_RENAMED = {"h1": "h2", "h5": "h4", "h6": "h4", "tr": "p"}
_KEPT_ATTRIBUTES = frozenset(["href", "linktype", "id"])
_BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)\b")
_NOT_BOLD = re.compile(r"font-weight:\s*(?:normal|[1-4]00)\b")
_ITALIC = re.compile(r"font-style:\s*italic\b")
_IGNORED = re.compile(r"mso-list:\s*Ignore")  # the sign or number that Word puts before an item of a list


def tidied(html: str) -> str:
    """The editor's own markup comes back as it is."""
    soup = BeautifulSoup(html, "html.parser")
    if all(tag.name in _KNOWN and not _is_around_blocks(tag) and not _is_astray(tag) for tag in soup.find_all(True)):
        return html
    for piece in [*soup.find_all(_GONE), *soup.find_all(string=lambda text: isinstance(text, PreformattedString))]:
        piece.extract()
    for row in soup.find_all("tr"):
        cells = row.find_all(["td", "th"], recursive=False)
        row.clear()
        for cell in cells:
            row.extend([", ", cell] if row.contents else [cell])
    for marker in soup.find_all("span", style=_IGNORED):
        _make_item(marker)
    for tag in soup.find_all(True):
        _tidy(tag)
    for item in filter(_is_astray, soup.find_all("li")):
        item.wrap(Tag(name="ul"))
    for tag in soup.find_all(["p", "h2", "h3", "h4", "li", "b", "i"]):
        if not tag.get_text().strip():
            tag.decompose()
    return str(soup)


def _make_item(marker: Tag) -> None:
    """Of a paragraph that Word made to look like an item of a list."""
    paragraph = marker.find_parent("p")
    kind = "ol" if any(character.isalnum() for character in marker.get_text()) else "ul"
    marker.extract()
    if paragraph is None:
        return
    paragraph.name = "li"
    before = paragraph.previous_sibling
    if isinstance(before, NavigableString) and not before.strip():
        before = before.previous_sibling
    if isinstance(before, Tag) and before.name == kind:
        before.append(paragraph.extract())
    else:
        paragraph.wrap(Tag(name=kind))


def _tidy(tag: Tag) -> None:
    style = str(tag.get("style", ""))
    name = _RENAMED.get(tag.name, tag.name)
    if name == "span" and (_BOLD.search(style) or _ITALIC.search(style)):
        name = "b" if _BOLD.search(style) else "i"
    is_inside = name == "p" and tag.find_parent(["li", "p", "td", "th"]) is not None
    is_plain = name in ("b", "strong") and _NOT_BOLD.search(style)
    tag.name = name
    tag.attrs = {key: value for key, value in tag.attrs.items() if name == "a" and key in _KEPT_ATTRIBUTES}
    if is_inside or is_plain or name not in _KNOWN or _is_around_blocks(tag):
        tag.unwrap()


def _is_astray(tag: Tag) -> bool:
    return tag.name == "li" and (tag.parent is None or tag.parent.name not in ("ul", "ol"))


def _is_around_blocks(tag: Tag) -> bool:
    """Emphasis or a link around whole paragraphs."""
    return tag.name not in _BLOCKS and tag.find(_BLOCKS) is not None
