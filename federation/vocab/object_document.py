"""Builds the document of a publication: an Article, or a Note where the whole text is to be shown. It says what a value
looks like on the wire and decides nothing else: who is addressed, when it was first told and which id it has come from
the caller (``outbox``)."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

from federation.contract import Audience, File, Form, Publication, Quotes, Replies, Showing, Topic

from .html import clean_outbound, paragraph
from .media import MAX_ATTACHED_PICTURES, build_file, build_image, build_page_link
from .terms import CONTEXT, PUBLIC
from .values import is_language

MAX_SUMMARY = 500
_WARNING = "⚠️"  # a sign, so that it needs no language
_FILE_KINDS = {
    "application/pdf": "PDF",
    "application/epub+zip": "EPUB",
    "application/msword": "DOC",
    "application/vnd.ms-excel": "XLS",
    "application/vnd.ms-powerpoint": "PPT",
    "application/vnd.oasis.opendocument.presentation": "ODP",
    "application/vnd.oasis.opendocument.spreadsheet": "ODS",
    "application/vnd.oasis.opendocument.text": "ODT",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
    "application/zip": "ZIP",
    "text/csv": "CSV",
    "text/plain": "TXT",
}


def build_object(  # noqa: PLR0913 -- one argument for each thing that the ledger, not the publication, knows
    publication: Publication,
    *,
    uri: str,
    actor: str,
    followers: str,
    published: datetime,
    updated: datetime | None,
) -> dict[str, Any]:
    """The document of ``publication`` with its own ``@context``, in stable order.

    ``published`` is when this id was first told, since Mastodon keeps anything older than six hours out of home
    timelines (OB-07); ``updated`` is ``None`` until the first change (OB-06).
    """
    document: dict[str, Any] = {"@context": CONTEXT, "id": uri}
    document |= {"type": "Article" if publication.form is Form.ARTICLE else "Note", "attributedTo": actor}
    if publication.form is Form.ARTICLE:
        # Only here: on a Note, GoToSocial and Takahē show name and summary as a content warning.
        document |= _translated("name", publication.title, publication.language)
        document |= _translated("summary", _abstract(publication), publication.language)
    elif publication.content_note:
        # On a Note every peer takes it for the warning that the text is folded behind. Plain text there (OB-19).
        document |= _translated("summary", publication.content_note, publication.language)
    document |= _translated("content", build_content(publication), publication.language)
    document |= {"url": publication.url, "published": timestamp(published)}
    if updated is not None:
        document["updated"] = timestamp(updated)
    document |= _addressed(publication.audience, followers)
    if publication.pictures:
        document["image"] = build_image(publication.pictures[0])
    document |= {
        "attachment": _attachments(publication),
        "tag": [tag for topic in publication.topics if (tag := build_hashtag(topic))],
        "sensitive": bool(publication.content_note),
        "interactionPolicy": _policy(publication, actor, followers),
    }
    if publication.form is Form.ARTICLE:
        document["preview"] = _preview(publication, actor, published)
    return document


def build_content(publication: Publication) -> str:
    """Title, byline, text, files. The title opens it because GoToSocial and Misskey show no ``name``, the files close
    it because they show no links. In a Note the title links to the page, where Mastodon then finds its card."""
    title = escape(publication.title, quote=False)
    if publication.form is Form.NOTE:
        title = f'<a href="{escape(publication.url)}">{title}</a>'
    body = clean_outbound(publication.content, publication.url)
    return f"<h2>{title}</h2>{paragraph(publication.byline)}{body}{_file_list(publication.files)}"


def build_hashtag(topic: Topic) -> dict[str, Any] | None:
    """``#ClimateJustice`` for "climate justice"; ``None`` where nothing but digits remains, which no peer takes."""
    words = "".join(character if character.isalnum() else " " for character in topic.name).split()
    name = "".join(word[0].upper() + word[1:] for word in words)
    if not name or name.isdigit():
        return None
    return {"type": "Hashtag", "name": f"#{name}", "href": topic.url}


def timestamp(moment: datetime) -> str:
    """UTC, whole seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _translated(name: str, value: str, language: str) -> dict[str, Any]:
    """The value and, first and only in its map, its language, where Mastodon looks for it (OB-18)."""
    if not value:
        return {}
    return {name: value, f"{name}Map": {language: value}} if is_language(language) else {name: value}


def _addressed(audience: Audience, followers: str) -> dict[str, Any]:
    """Where the public collection stands makes the difference: in ``cc`` it is "unlisted" at Mastodon, "unlocked" at
    GoToSocial, "home" at Misskey (OU-01). Activities repeat it, so that nobody reads another visibility."""
    if audience is Audience.QUIET:
        return {"to": [followers], "cc": [PUBLIC]}
    return {"to": [PUBLIC], "cc": [followers]}


def _policy(publication: Publication, actor: str, followers: str) -> dict[str, Any]:
    """Mastodon lets nobody quote what does not say so; nobody is said by naming the author alone, since an empty list
    is none at all to a reader of JSON-LD (FEP-044f). The other policies are left unsaid where they are the default:
    naming one promises that every like, reply or boost is answered with an approval (GoToSocial)."""
    quotes = {Quotes.ANYBODY: PUBLIC, Quotes.FOLLOWERS: followers, Quotes.NOBODY: actor}
    policy = {"canQuote": {"automaticApproval": [quotes[publication.quotes]]}}
    if publication.replies is Replies.NOBODY:
        policy["canReply"] = {"automaticApproval": [actor]}
    return policy


def _attachments(publication: Publication) -> list[dict[str, Any]]:
    """Photos come first. With a link preview there are none: one attached picture, and Mastodon shows no card. Then the
    page itself stands before its files, for Mastodon 4.7 makes its card of the first link that is attached: a file has
    none, and with the card goes the byline."""
    files = [build_file(file) for file in publication.files]
    if publication.showing is Showing.PHOTOS:
        return [*(build_image(picture) for picture in publication.pictures[:MAX_ATTACHED_PICTURES]), *files]
    return [build_page_link(publication), *files] if files else []


def _preview(publication: Publication, actor: str, published: datetime) -> dict[str, Any]:
    """A short stand-in for readers that show no Article (FEP-b2b8); whoever shows it adds the link to the page."""
    words = f"<p><strong>{escape(publication.title, quote=False)}</strong></p>"
    preview: dict[str, Any] = {"type": "Note", "attributedTo": actor}
    if publication.content_note:
        preview |= _translated("summary", publication.content_note, publication.language)
    preview |= _translated("content", words + paragraph(_shortened(publication.summary)), publication.language)
    preview["published"] = timestamp(published)
    if publication.content_note:
        preview["sensitive"] = True
    if publication.pictures:
        preview["attachment"] = [build_image(publication.pictures[0])]
    return preview


def _file_list(files: tuple[File, ...]) -> str:
    if not files:
        return ""
    return f"<ul>{''.join(_file_line(file) for file in files)}</ul>"


def _file_line(file: File) -> str:
    facts = [fact for fact in (_FILE_KINDS.get(file.media_type, ""), _size(file.size), file.language) if fact]
    return f'<li><a href="{escape(file.url)}">{escape(file.title, quote=False)}</a> ({escape(", ".join(facts))})</li>'


def _size(count: int) -> str:
    """Bytes for people, in units that need no translation."""
    for limit, unit in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")):
        if count >= limit:
            return f"{count / limit:.1f} {unit}".replace(".0 ", " ")
    return f"{count} B"


def _abstract(publication: Publication) -> str:
    """An Article's summary: Mastodon shows it as the text and folds nothing, others fold the text behind it. So the
    note opens it, and is read first everywhere. Both fit into what one alone may have: Misskey's column for it ends at
    512 characters."""
    if not publication.content_note:
        return paragraph(_shortened(publication.summary))
    note = paragraph(f"{_WARNING} {publication.content_note}")
    return note + paragraph(_shortened(publication.summary, MAX_SUMMARY - len(note)))


def _shortened(words: str, most: int = MAX_SUMMARY) -> str:
    if len(words) <= most:
        return words
    return words[: most - 1].rsplit(" ", 1)[0] + "…"
