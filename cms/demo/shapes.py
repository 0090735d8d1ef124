"""The shapes in which the demonstration's content is written down. Plain values: nothing here knows the database.

Texts may name other pieces and organisations by their keys in braces, as in ``<a linktype="page" id="{techsoup}">``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation. What nobody knows stays empty. ``sections`` are (kind, title) pairs."""

    key: str
    title: str
    handle: str
    summary: str
    short_name: str = ""
    country: str = ""
    kind: str = "cso"
    fields: tuple[tuple[str, str], ...] = ()
    about: tuple[tuple[str, Any], ...] = ()
    sections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Guest:
    """Who took part: the key of an organisation of the site, and a person."""

    partner: str
    person: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of an agenda; ``items`` are (title, text) pairs."""

    title: str
    items: tuple[tuple[str, str], ...]
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that the demonstration draws itself; ``motif`` names one in ``drawings``."""

    key: str
    motif: str
    title: str
    alt: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that the demonstration makes itself: each of ``pages`` is a list of lines."""

    key: str
    filename: str
    title: str
    kind: str
    description: str
    pages: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A piece. ``days_ago`` is when it appeared, counted from the day of loading, unless ``published_on`` is known.
    A story that is ``held_back`` is loaded as a draft."""

    key: str
    model: str
    partner: str
    title: str
    summary: str
    section: str = ""
    days_ago: int = 0
    published_on: date | None = None
    held_back: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    body: tuple[tuple[str, Any], ...] = ()
    authors: tuple[tuple[str, str, str], ...] = ()
    guests: tuple[Guest, ...] = ()
    agenda: tuple[Day, ...] = ()
    papers: tuple[str, ...] = ()
    related: tuple[tuple[str, str], ...] = ()
    corrections: tuple[tuple[int, str], ...] = ()
    drawing: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """Everything that one instance of the demonstration shows."""

    name: str
    tagline: str
    introduction: str
    partners: tuple[Partner, ...]
    stories: tuple[Story, ...]
    drawings: tuple[Drawing, ...] = ()
    papers: tuple[Paper, ...] = ()
