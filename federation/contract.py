"""What the site and its federation say to each other, in our own words.

Two sides meet here. The *site* (a CMS) answers :class:`Source`: what is public now, and who publishes it. *Federation*
answers :class:`Desk`: what an editor may want to know. Everything is a frozen value; no wire word, no Django and no
Wagtail appear in this file, so that either side can be tested, replaced or left out alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from .answers import (
    Boosting,
    Card,
    Change,
    Consequence,
    Deliveries,
    Delivery,
    LinkBack,
    Preview,
    Progress,
    Remark,
    Report,
    ServerDelivery,
    Shown,
    ShownLine,
    ShownPicture,
    ShownProfile,
)

__all__ = [
    "MOST_PINNED",
    "Audience",
    "Boosting",
    "Card",
    "Change",
    "Consequence",
    "Deliveries",
    "Delivery",
    "Desk",
    "File",
    "Form",
    "LinkBack",
    "NullDesk",
    "Picture",
    "Preview",
    "Progress",
    "Publication",
    "Publisher",
    "Quotes",
    "Remark",
    "Replies",
    "Report",
    "ServerDelivery",
    "Showing",
    "Shown",
    "ShownLine",
    "ShownPicture",
    "ShownProfile",
    "Source",
    "Topic",
]

MOST_PINNED = 10  # pages that a profile shows first


class Form(StrEnum):
    """How a publication goes out: as a long piece with a summary, or as a short note that shows its whole text."""

    ARTICLE = "article"
    NOTE = "note"


class Showing(StrEnum):
    """What a timeline shows beside the text. Peers show a link preview only when there are no photos."""

    LINK_PREVIEW = "link"
    PHOTOS = "photos"


class Quotes(StrEnum):
    """Who may quote a publication in a post of their own."""

    ANYBODY = "anybody"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


class Replies(StrEnum):
    """Who may reply. A wish: not every server asks before it lets its people reply."""

    ANYBODY = "anybody"
    NOBODY = "nobody"


class Audience(StrEnum):
    """To whom a publication is shown. Everybody may read either; what is quiet stands in followers' timelines and on
    the profile, and is kept out of public timelines and searches."""

    PUBLIC = "public"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that anyone may load.

    ``url`` is absolute; ``width`` and ``height`` are pixels; ``focus`` is (x, y), each from -1 to 1, y upwards.
    ``original`` names what it was made from, for nobody to see: another original is another picture to a reader, while
    another address of the same one is not.
    """

    url: str
    alt: str
    media_type: str
    width: int | None = None
    height: int | None = None
    credit: str = ""
    licence: str = ""
    focus: tuple[float, float] | None = None
    original: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A document to download. ``url`` is absolute and stable; ``size`` is bytes; ``language`` a BCP 47 tag or empty."""

    url: str
    title: str
    media_type: str
    size: int
    language: str = ""
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject. ``url`` is an absolute page address that exists; ``name`` has no leading ``#``."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may follow a publisher. ``by_hand``: somebody approves each of them first, except those from the servers in
    ``welcome`` (host names in lower-case ASCII)."""

    by_hand: bool = False
    welcome: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Publisher:
    """Somebody who publishes and can be followed: an organisation, or the site itself.

    ``key`` is stable for ever and opaque to federation. ``summary`` is HTML. ``fields`` are (label, HTML) pairs.
    ``discoverable`` and ``indexable``: whether other servers may recommend it, and find its posts by their words.
    ``author_hosts`` are hosts besides the site's own whose pages may name it as their author. ``pinned`` and
    ``approves_followers`` are as :meth:`Source.pinned` and :meth:`Source.admission` say.
    """

    key: str
    handle: str
    name: str
    summary: str
    url: str
    language: str
    since: datetime
    avatar: Picture | None = None
    header: Picture | None = None
    fields: tuple[tuple[str, str], ...] = ()
    discoverable: bool = True
    indexable: bool = True
    author_hosts: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    approves_followers: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """One piece as the public may see it now.

    ``key`` is stable for ever; ``publisher`` is a :class:`Publisher` key; ``content`` is HTML with absolute addresses
    and without the title; ``summary`` is plain text of at most 500 characters; ``dated`` is the editorial date;
    ``content_note`` is plain text of at most 200 characters and says what a reader may not want to see unprepared. Two
    equal values look the same to every reader, so an edit that leaves a Publication equal is told to nobody.
    """

    key: str
    publisher: str
    kind: str
    form: Form
    title: str
    summary: str
    content: str
    language: str
    url: str
    dated: datetime
    byline: str = ""
    pictures: tuple[Picture, ...] = ()
    files: tuple[File, ...] = ()
    topics: tuple[Topic, ...] = ()
    showing: Showing = Showing.LINK_PREVIEW
    content_note: str = ""
    quotes: Quotes = Quotes.ANYBODY
    replies: Replies = Replies.ANYBODY
    audience: Audience = Audience.PUBLIC


class Source(Protocol):
    """The site's answers. Each is about this moment, never cached, and ``None`` whenever the public may not see it."""

    def publication(self, key: str) -> Publication | None:
        """The publication as anybody may read it now; None if it is not public, not shared, or does not exist."""

    def publisher(self, key: str) -> Publisher | None:
        """The publisher's profile; None while it has no public page."""

    def publisher_exists(self, key: str) -> bool:
        """Whether the publisher still exists, public or not. False only once somebody deleted it on purpose."""

    def publisher_of(self, key: str) -> str | None:
        """The key of the publisher that the page ``key`` belongs to or *is*, public or not; None if it has none."""

    def is_publisher(self, key: str) -> str | None:
        """The publisher key, if the page ``key`` is a publisher's own page; else None."""

    def pinned(self, publisher: str) -> tuple[str, ...]:
        """Keys of the publications that this publisher chose to show first on its profile, in its order: those that
        are its own, public and shared now. Empty where nothing is chosen."""

    def admission(self, publisher: str) -> Admission:
        """Who may follow this publisher, whether its page is public or not. Anybody, if it is gone: whoever comes now
        will hear that."""

    def public_condition(self, key_reference: Any, *, few: bool = False) -> Any:
        """A database condition, true where the key in ``key_reference`` (a column reference) is public and shared
        now. It lets one query fetch stored bytes and decide visibility at once. ``few``: the query has it decided for
        a few rows only, so that planning it may cost more than asking."""

    def public_keys(self) -> Iterator[str]:
        """Keys of everything public and shared now, for the nightly audit."""

    def publisher_keys(self) -> Iterator[str]:
        """Keys of all publishers that have a public page now, the site included."""

    def url_is_publication(self, url: str) -> str | None:
        """The publication or publisher key whose page has this absolute address, public or not; else None."""

    def publishers_editable_by(self, user: Any) -> set[str] | None:
        """Keys of the publishers that this user may edit; None means all of them."""


class Gesture(StrEnum):
    """What readers do with an account of their own, on their own server."""

    FOLLOW = "follow"
    REPLY = "reply"
    BOOST = "boost"
    LIKE = "like"


class Trouble(StrEnum):
    """Why a reader could not be shown the way to their server."""

    NOT_AN_ADDRESS = "not-an-address"  # what they wrote names no server
    OURS = "ours"  # it names this site, where readers have no account
    BLOCKED = "blocked"  # this site does not talk to that server
    NOBODY = "nobody"  # that server knows no such account
    NO_SERVER = "no-server"  # what answers there is no server of the fediverse
    NO_ANSWER = "no-answer"
    TOO_MANY = "too-many"  # too many readers asked, or this one did
    BUSY = "busy"  # as many are being asked right now as may be at once
    GONE = "gone"  # what they want to follow or answer is not there


@dataclass(frozen=True, slots=True)
class Way:
    """Where a reader goes on: ``address`` is on their own server; else it is empty and ``trouble`` says why. ``server``
    is the host that they named, as far as it could be read."""

    address: str = ""
    trouble: Trouble | None = None
    server: str = ""


class Desk(Protocol):
    """Federation's answers to the editor, and to the reader who wants to follow or answer."""

    def delivery(self, key: str) -> Delivery:
        """How far this publication got; all zero if it was never shared."""

    def alternate(self, key: str) -> str | None:
        """The machine-readable address of a page that is out now, for its head; else None."""

    def show_profile(self, publisher: Publisher) -> ShownProfile | None:
        """How others would see the profile if it were like this, saved or not; None where nobody would."""

    def links_back(self, publisher: str) -> tuple[LinkBack, ...]:
        """The addresses that the published profile names, as they were found when last looked at."""

    def look_for_links_back(self, publisher: str) -> None:
        """Has them looked at soon, by a worker."""

    def handle_is_free(self, handle: str, publisher: str) -> bool:
        """Whether ``publisher`` may take this handle: handles are never used again by somebody else."""

    def full_handle(self, publisher: str) -> str | None:
        """``@name@host`` of a publisher that can be followed; else None."""

    def keep_quiet(self, key: str) -> AbstractContextManager[None]:
        """Around a change of the page that is for the website only: nobody is told of it, until something else changes.
        Without effect where the page is not out, or more than this change would be kept quiet. A transaction."""

    def consequence(self, key: str, publication: Publication | None) -> Consequence:
        """What publishing would do now. ``publication`` is what the public would read then; None if nothing."""

    def preview(self, publication: Publication, publisher: Publisher) -> Preview:
        """What would go out, and what servers would make of it. The page need not be saved, nor the publisher known."""

    def deliveries(self, key: str, *, skip: int = 0, most: int = 200) -> Deliveries:
        """How far each server is with the newest that was said about the page; ``most`` servers after ``skip``."""

    def send_again(self, key: str, origin: str | None = None) -> int:
        """What was refused or given up goes once more, to one server or to all; how many messages. Nothing that would
        arrive after what was said later."""

    def boost(self, key: str) -> Boosting:
        """Shares an old page anew, as a boost of its own post. It goes out a moment later; after an earlier boost, a
        quarter of an hour later."""

    def reports(self, publishers: Collection[str], since: datetime, until: datetime) -> Mapping[str, Report]:
        """What happened to each of these publishers after ``since`` and not after ``until``; those are missing to whom
        nothing happened."""

    def fetch_way_home(self, gesture: Gesture, key: str, typed: str, asker: str) -> Way:
        """The place on the reader's own server where they follow the publisher ``key``, or answer the publication
        ``key``. ``typed`` is what they wrote: a server, or their whole address. ``asker`` is the network address that
        they ask from; it is counted for some minutes and not kept."""


class NullDesk:
    """Stands in when federation is not installed: nothing is shared, every handle is free."""

    def delivery(self, key: str) -> Delivery:
        return Delivery(shared=False, address="", accepted=0, waiting=0, refused=0)

    def alternate(self, key: str) -> str | None:
        return None

    def show_profile(self, publisher: Publisher) -> ShownProfile | None:
        return None

    def links_back(self, publisher: str) -> tuple[LinkBack, ...]:
        return ()

    def look_for_links_back(self, publisher: str) -> None:
        pass

    def handle_is_free(self, handle: str, publisher: str) -> bool:
        return True

    def full_handle(self, publisher: str) -> str | None:
        return None

    def keep_quiet(self, key: str) -> AbstractContextManager[None]:
        return nullcontext()

    def consequence(self, key: str, publication: Publication | None) -> Consequence:
        return Consequence(Change.NOTHING)

    def preview(self, publication: Publication, publisher: Publisher) -> Preview:
        raise NotImplementedError("without federation nothing goes out")

    def deliveries(self, key: str, *, skip: int = 0, most: int = 200) -> Deliveries:
        return Deliveries()

    def send_again(self, key: str, origin: str | None = None) -> int:
        return 0

    def boost(self, key: str) -> Boosting:
        return Boosting.NOT_SHARED

    def reports(self, publishers: Collection[str], since: datetime, until: datetime) -> Mapping[str, Report]:
        return {}

    def fetch_way_home(self, gesture: Gesture, key: str, typed: str, asker: str) -> Way:
        return Way(trouble=Trouble.GONE)
