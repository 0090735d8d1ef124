"""What federation answers an editor: frozen values without any words for people, which the interface finds. They are a
part of the contract, and read as such: whoever needs one imports it from :mod:`federation.contract`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Change(StrEnum):
    """What publishing would do elsewhere. ``REPLACE`` takes the post back and makes a new one: another organisation
    publishes the page now."""

    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    WITHDRAW = "withdraw"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Consequence:
    """``followers`` of the publisher, on ``servers``; ``reached`` is how many servers may have the post now.
    ``waits_for_approval``: so much was sent within the hour that a person has to let it go."""

    change: Change
    followers: int = 0
    servers: int = 0
    reached: int = 0
    waits_for_approval: bool = False
    never_shared: bool = True


class Remark(StrEnum):
    """What an editor should know about how a server shows something."""

    ONLY_SUMMARY = "only-summary"  # headline, summary and link; the text itself is not shown
    ONLY_HEADLINE = "only-headline"  # there is no summary, so only headline and link
    NOTE_NOT_FOLDED = "note-not-folded"  # the content note stands first, but nothing is hidden behind it
    SUMMARY_IS_WARNING = "summary-is-warning"  # the text is folded behind the summary
    HEADLINE_IS_WARNING = "headline-is-warning"  # the text is folded behind the headline
    HEADLINE_TWICE = "headline-twice"  # above the text, and at its beginning
    CHANGES_MISSED = "changes-missed"  # older versions do not show later changes
    CARD_FROM_PAGE = "card-from-page"  # the link preview is read from the page once it is out
    PICTURES_LEFT_OUT = "pictures-left-out"  # pictures in the text are not shown


@dataclass(frozen=True, slots=True)
class ShownPicture:
    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    """A link preview. ``description`` is empty where the post does not say what the page will."""

    url: str
    title: str
    description: str
    image: ShownPicture | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What readers of one kind of server see. ``html`` is safe; all else is plain text. ``title`` is set where the
    server shows a headline of its own. ``warning``: the text is folded behind this. ``covers_pictures``: photos, and
    the picture of the card, are covered until somebody asks."""

    name: str
    handle: str
    avatar: str
    title: str
    warning: str
    html: str
    language: str
    link: str
    pictures: tuple[ShownPicture, ...] = ()
    covers_pictures: bool = False
    card: Card | None = None
    is_quiet: bool = False
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """``document`` is what would go out, and the others are made from it alone: in a ``timeline`` of Mastodon, to a
    ``reader`` of full texts, and on GoToSocial, which folds most texts behind a ``warning``."""

    document: Mapping[str, Any]
    timeline: Shown
    reader: Shown
    warning: Shown


class Progress(StrEnum):
    """How far a server is with the newest that was said to it about a page."""

    ACCEPTED = "accepted"
    WAITING = "waiting"
    REFUSED = "refused"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class ServerDelivery:
    """One server; of several inboxes there, the one that is worst off. ``what`` is a new post, a change and so on, in
    the words of the interface; ``words`` are the server's own, or why it is left alone; ``at`` is the last attempt, or
    when it was said; ``next_attempt`` only while it waits; ``inboxes`` is how many of the server are meant."""

    origin: str
    progress: Progress
    what: str
    attempts: int
    at: datetime
    next_attempt: datetime | None
    status: int | None
    words: str
    inboxes: int = 1


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The worst off come first. The numbers are of all servers, ``rows`` may be a part of them."""

    rows: tuple[ServerDelivery, ...] = ()
    accepted: int = 0
    waiting: int = 0
    refused: int = 0
    given_up: int = 0


class Boosting(StrEnum):
    """The answer to whoever wants to share a page anew. ``TOO_SOON``: it was shared or boosted within a day."""

    ASKED = "asked"
    NOT_SHARED = "not-shared"
    TOO_SOON = "too-soon"


@dataclass(frozen=True, slots=True)
class Report:
    """Numbers for a digest, about one publisher and one stretch of time: of deliveries that began to wait and wait
    still, of those that were refused or given up, of publications that began to wait for a person and do so still, and
    of followers who came and are there still."""

    waiting: int = 0
    refused: int = 0
    held: int = 0
    followers: int = 0


@dataclass(frozen=True, slots=True)
class LinkBack:
    """An address in the lines of a profile, and whether the page there links back (``confirmed``). ``words`` say how
    it was found, to an editor; ``checked`` is when; ``waiting`` that a look at it is on its way."""

    address: str
    confirmed: bool
    words: str
    checked: datetime | None
    waiting: bool


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of a profile, ``html`` safe to show. ``confirmed``: it has a check mark."""

    label: str
    html: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """A profile as other servers show it. ``bio`` is HTML, safe to show; ``pinned`` are titles; ``is_locked``:
    followers are approved by hand."""

    name: str
    handle: str
    bio: str
    avatar: ShownPicture | None
    header: ShownPicture | None
    lines: tuple[ShownLine, ...]
    pinned: tuple[str, ...]
    followers: int
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a publication got. Counts are of servers' inboxes."""

    shared: bool
    address: str
    accepted: int
    waiting: int
    refused: int
