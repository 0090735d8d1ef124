"""What peers show of a document that we are about to send: made from the document and its actor's alone, so that a
preview cannot promise what does not go out. Each function says in which version of the peer it was read. The desk calls
them; they decide nothing."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Any

from federation.answers import Card, Remark, Shown, ShownPicture

from .html import clean_inbound, clean_outbound, plain_text
from .terms import PUBLIC
from .values import split

_HEADING = re.compile(r"<(h[1-6])(?: [^>]*)?>(.*?)</\1>", re.DOTALL)
_PICTURE = re.compile(r"<img [^>]*>")
_FIRST_LINK = re.compile(r'<a href="([^"]*)"')
_LINK_LENGTH = 30  # of an address as Mastodon writes it


def shown_by_mastodon(document: dict[str, Any], actor: dict[str, Any]) -> Shown:
    """A timeline of Mastodon 4.7 (``StatusParser``, ``sanitize_config``, ``FetchLinkCardService``; August 2026).

    Of an Article it makes headline, summary and link, and reads neither its text nor a warning from it; of a Note it
    shows the whole text behind its summary. Headings become bold paragraphs, pictures in the text go. A card is made of
    the first link that is attached, else of the first in the text, unless a picture is attached. Before 4.5, changes of
    an Article are not taken over at all.
    """
    article = _is_article(document)
    html = _mastodon_article(document) if article else _mastodon_text(document.get("content", ""))
    pictures = _pictures(document)
    card = None if pictures else _card(document, html)
    remarks: list[Remark] = []
    if article:
        remarks.append(Remark.ONLY_SUMMARY if document.get("summary") else Remark.ONLY_HEADLINE)
        remarks.append(Remark.CHANGES_MISSED)
        if document["sensitive"]:
            remarks.append(Remark.NOTE_NOT_FOLDED)
    elif _PICTURE.search(document.get("content", "")):
        remarks.append(Remark.PICTURES_LEFT_OUT)
    if card is not None:
        remarks.append(Remark.CARD_FROM_PAGE)
    warning = "" if article else document.get("summary", "")
    return _shown(document, actor, html, warning=warning, pictures=pictures, card=card, remarks=remarks)


def shown_to_readers(document: dict[str, Any], actor: dict[str, Any]) -> Shown:
    """A reader of full texts, as FEP-b2b8 describes it: a headline from the name, and the whole text with the pictures
    in it, which begins with the headline once more. A Note has no name, and is folded behind its summary."""
    html = clean_outbound(document.get("content", ""), document["url"])
    title = document.get("name", "")
    warning = "" if _is_article(document) else document.get("summary", "")
    remarks = [Remark.HEADLINE_TWICE] if title and title == _first_heading(document) else []
    return _shown(document, actor, html, title=title, warning=warning, pictures=_pictures(document), remarks=remarks)


def shown_by_gotosocial(document: dict[str, Any], actor: dict[str, Any]) -> Shown:
    """GoToSocial 0.20 (``ASStatusToStatus``, ``sanitize.go``; October 2025): whatever has a summary is folded behind
    it, else behind its name, and the text is shown whole, headings included, but without the pictures in it. It makes
    no cards."""
    warning = plain_text(document.get("summary", "")) or document.get("name", "")
    remarks = []
    if _is_article(document):
        remarks.append(Remark.SUMMARY_IS_WARNING if document.get("summary") else Remark.HEADLINE_IS_WARNING)
    whole = clean_outbound(document.get("content", ""), document["url"])
    html = _PICTURE.sub("", whole)
    if html != whole:
        remarks.append(Remark.PICTURES_LEFT_OUT)
    return _shown(document, actor, html, warning=warning, pictures=_pictures(document), remarks=remarks)


def _shown(  # noqa: PLR0913 -- what differs between peers
    document: dict[str, Any],
    actor: dict[str, Any],
    html: str,
    *,
    title: str = "",
    warning: str = "",
    pictures: tuple[ShownPicture, ...] = (),
    card: Card | None = None,
    remarks: list[Remark] | None = None,
) -> Shown:
    return Shown(
        name=actor.get("name") or actor["preferredUsername"],
        handle=f"@{actor['webfinger']}",
        avatar=actor.get("icon", {}).get("url", ""),
        title=title,
        warning=warning,
        html=html,
        language=next(iter(document.get("contentMap", {})), ""),
        link=document["url"],
        pictures=pictures,
        covers_pictures=document["sensitive"],
        card=card,
        is_quiet=PUBLIC not in document["to"],
        remarks=tuple(remarks or ()),
    )


def _is_article(document: dict[str, Any]) -> bool:
    return bool(document["type"] == "Article")


def _mastodon_article(document: dict[str, Any]) -> str:
    """The name is put in as it is: what looks like markup in a title is markup there."""
    name = document.get("name", "")
    parts = [f"<h2>{name}</h2>" if name else "", document.get("summary", ""), _address(document["url"])]
    return _mastodon_text("".join(parts))


def _mastodon_text(html: str) -> str:
    return _HEADING.sub(r"<p><strong>\2</strong></p>", clean_inbound(_PICTURE.sub("", html)))


def _address(url: str) -> str:
    """An address as Mastodon writes it into a text."""
    shown = re.sub(r"^https?://(?:www\.)?", "", url)
    shown = f"{shown[:_LINK_LENGTH]}…" if len(shown) > _LINK_LENGTH else shown
    return f'<p><a href="{escape(url)}">{escape(shown)}</a></p>'


def _pictures(document: dict[str, Any]) -> tuple[ShownPicture, ...]:
    found = (item for item in document["attachment"] if item["type"] == "Image")
    return tuple(_picture(item) for item in found)


def _picture(image: dict[str, Any]) -> ShownPicture:
    return ShownPicture(image["url"], image.get("name", ""))


def _card(document: dict[str, Any], html: str) -> Card | None:
    """Of the first link. What another page than our own says of itself is not known here."""
    attached = next((item["href"] for item in document["attachment"] if item.get("href")), "")
    link = _FIRST_LINK.search(html)
    url = attached or (unescape(link.group(1)) if link else "")
    if split(url) is None:
        return None
    if url != document["url"]:
        return Card(url, "", "", None)
    image = document.get("image")
    return Card(
        url, document.get("name") or _first_heading(document), _abstract(document), _picture(image) if image else None
    )


def _first_heading(document: dict[str, Any]) -> str:
    heading = _HEADING.search(document.get("content", ""))
    return plain_text(heading.group(2)) if heading else ""


def _abstract(document: dict[str, Any]) -> str:
    """Without the content note, which is its first paragraph."""
    if not _is_article(document):
        return ""
    summary = document.get("summary", "")
    return plain_text(summary.partition("</p>")[2] if document["sensitive"] else summary)
