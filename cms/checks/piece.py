"""What the checks look at: plain values, without Django and without the database. Who makes them is ``gather``; what a
check answers is a :class:`Finding`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Step = int | str


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the form something stands. ``field`` is a field of the page, or of row number ``row`` (from 0, as the
    form counts them) of the relation ``rows``; ``path`` leads on through blocks, by number or name. ``words`` is how
    the editor calls it: “Text, block 3, Picture”."""

    field: str
    path: tuple[Step, ...] = ()
    rows: str = ""
    row: int = 0
    words: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """Words without markup, a paragraph to a line. What was somebody else's words stands in ``words`` no more."""

    place: Place
    words: str


class LeadsTo(StrEnum):
    """What a link leads to, as readers find it. Of a page or document: whether everybody may see it."""

    SOMEWHERE = "somewhere"
    NO_PAGE = "no-page"
    NO_DOCUMENT = "no-document"
    PRIVATE_DOCUMENT = "private-document"
    NO_ADDRESS = "no-address"


@dataclass(frozen=True, slots=True)
class Link:
    """``words`` are what readers tap; empty where the block makes them itself."""

    place: Place
    words: str
    leads_to: LeadsTo


@dataclass(frozen=True, slots=True)
class Picture:
    place: Place
    title: str
    alt: str
    credit: str
    licence: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that the page offers."""

    place: Place
    title: str
    licence: str
    is_private: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A page as it would be published. ``language`` is the first part of its tag (``de``); ``is_shared``: followers
    get it; ``is_open``: neither it nor a page above is kept from anybody. ``summary`` is None where a page has none."""

    language: str
    summary: Text | None = None
    is_shared: bool = False
    is_open: bool = True
    texts: tuple[Text, ...] = ()
    links: tuple[Link, ...] = ()
    pictures: tuple[Picture, ...] = ()
    papers: tuple[Paper, ...] = ()


class Kind(StrEnum):
    """An error keeps a page from being published; a warning asks whether it is meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """``sentence`` says what to do, in the language of whoever asks."""

    kind: Kind
    check: str
    place: Place
    sentence: str


Check = Callable[[Piece], list[Finding]]
