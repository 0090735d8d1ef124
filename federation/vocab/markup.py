"""Rewrites HTML into a small, well-formed subset: kept elements with rebuilt attributes, escaped text, nothing else. It
exists because bleach keeps the text inside an element that it strips, so that a script would become visible, and
cannot rewrite addresses. It is not the guard: ``html`` runs bleach over what leaves here. Nobody else calls it.

The parser of the standard library is fed once and never closed: it then stops at the first construct that the text
does not finish, and stays linear; closing it makes it search the rest anew for every unfinished construct."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser

MAX_DEPTH = 100
Attributes = dict[str, str]

# Gone with everything inside them. Whatever is embedded, executed, styled, or filled in has no text of its own to keep.
_DROPPED = frozenset(
    [
        *(
            "applet",
            "audio",
            "button",
            "canvas",
            "datalist",
            "dialog",
            "form",
            "frameset",
            "head",
            "iframe",
            "map",
            "math",
        ),
        *("menu", "noembed", "noframes", "noscript", "object", "optgroup", "option", "plaintext", "script", "select"),
        *("style", "svg", "template", "textarea", "title", "video", "xmp"),
    ]
)
_FOREIGN = frozenset(["svg", "math"])
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_ENDS_PARAGRAPH = _HEADINGS | {"p", "ul", "ol", "blockquote", "pre"}
_LISTS = frozenset(["ul", "ol", "blockquote"])
# Elements that stood on lines of their own: unwrapping them must not glue words together.
_BLOCKS = _ENDS_PARAGRAPH | frozenset(
    [
        *(
            "address",
            "article",
            "aside",
            "caption",
            "center",
            "dd",
            "details",
            "div",
            "dl",
            "dt",
            "figcaption",
            "figure",
        ),
        *(
            "footer",
            "header",
            "hr",
            "li",
            "main",
            "nav",
            "section",
            "summary",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
        ),
    ]
)


class TooMuchError(ValueError):
    """More elements than the rules allow, or more than ``MAX_DEPTH`` inside each other: the tree walker behind this one
    takes time that grows with the square of either."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What stays. ``attributes`` returns the rebuilt attributes of an element, or ``None`` to unwrap it; ``image``
    returns the markup that stands for an image, given its attributes and whether it is inside a link."""

    keep: frozenset[str]
    rename: Mapping[str, str]
    attributes: Callable[[str, Attributes], Attributes | None]
    image: Callable[[Attributes, bool], str]
    max_elements: int


def rewrite(html: str, rules: Rules) -> str:
    """Well-formed HTML by ``rules``; raises :class:`TooMuchError`."""
    rewriter = _Rewriter(rules)
    rewriter.feed(html)
    return rewriter.finish()


def text_of(html: str) -> str:
    """The visible text on one line, entities resolved."""
    rewriter = _Rewriter(_NOTHING)
    rewriter.feed(html)
    return " ".join(unescape(rewriter.finish()).split())


_NOTHING = Rules(
    keep=frozenset(),
    rename={},
    attributes=lambda tag, given: None,
    image=lambda given, linked: "",
    max_elements=1_000_000,
)


def start_tag(tag: str, attributes: Attributes) -> str:
    written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"


class _Rewriter(HTMLParser):
    def __init__(self, rules: Rules) -> None:
        super().__init__(convert_charrefs=True)
        self._rules = rules
        self._written: list[str] = []
        self._open: list[str] = []
        self._elements = 0
        self._dropping = ""
        self._dropping_depth = 0

    def finish(self) -> str:
        rest = self.rawdata
        if rest and not self._dropping and self.cdata_elem is None and (rest == "<" or not rest.startswith("<")):
            self.handle_data(unescape(rest))
        self._close_down_to(0)
        return "".join(self._written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._dropping:
            self._dropping_depth += tag == self._dropping
            return
        if tag in _DROPPED:
            self._dropping, self._dropping_depth = tag, 1
            return
        given = {name: value or "" for name, value in reversed(attrs)}  # of two equal names, HTML takes the first
        tag = self._rules.rename.get(tag, tag)
        if tag == "img":
            self._write_element(self._rules.image(given, "a" in self._open))
        elif tag not in self._rules.keep:
            self._unwrap(tag)
        elif tag == "br":
            self._write_element("<br>")
        elif (rebuilt := self._rules.attributes(tag, given)) is not None:
            self._end_implied(tag)
            self._open.append(tag)
            self._write_element(start_tag(tag, rebuilt))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _FOREIGN:  # elsewhere HTML ignores the slash: "<script/>" goes on until "</script>"
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            self._dropping_depth -= tag == self._dropping
            if self._dropping_depth == 0:
                self._dropping = ""
            return
        tag = self._rules.rename.get(tag, tag)
        if tag in self._open:
            self._close_down_to(_last(self._open, tag))
        else:
            self._unwrap(tag)

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._written.append(escape(data, quote=False))

    def parse_html_declaration(self, i: int) -> int:
        """All declarations are comments to HTML; the parser would raise on those that it does not know."""
        if self.rawdata.startswith("<!--", i):
            return self.parse_comment(i)
        return self.parse_bogus_comment(i)

    def _write_element(self, written: str) -> None:
        self._elements += 1
        if self._elements > self._rules.max_elements or len(self._open) > MAX_DEPTH:
            raise TooMuchError
        self._written.append(written)

    def _unwrap(self, tag: str) -> None:
        if tag in _BLOCKS or tag == "br":
            last = self._written[-1] if self._written else " "
            if not last.endswith((" ", "\n")) and not _is_block_tag(last):
                self._written.append(" ")

    def _end_implied(self, tag: str) -> None:
        """Closes what HTML closes by itself before ``tag``, so that unclosed paragraphs do not count as nested."""
        if tag in _ENDS_PARAGRAPH and "p" in self._open:
            self._close_down_to(_last(self._open, "p"))
        if tag == "a" and "a" in self._open:
            self._close_down_to(_last(self._open, "a"))
        if tag in _HEADINGS and self._open and self._open[-1] in _HEADINGS:
            self._close_down_to(len(self._open) - 1)
        if tag == "li":
            for position in range(len(self._open) - 1, -1, -1):
                if self._open[position] == "li":
                    self._close_down_to(position)
                    break
                if self._open[position] in _LISTS:
                    break
        if tag in ("rt", "rp") and self._open and self._open[-1] in ("rt", "rp"):
            self._close_down_to(len(self._open) - 1)

    def _close_down_to(self, position: int) -> None:
        while len(self._open) > position:
            tag = self._open.pop()
            if tag in _BLOCKS and self._written[-1] == " ":
                self._written.pop()
            self._written.append(f"</{tag}>")


def _is_block_tag(written: str) -> bool:
    return written.startswith("<") and written.strip("</>").partition(" ")[0] in _BLOCKS


def _last(names: list[str], name: str) -> int:
    return len(names) - 1 - names[::-1].index(name)
