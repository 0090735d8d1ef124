"""Links in an editor's text that lead to what not everybody may see. Their words stay, their address goes: it would
tell the name of a draft, or where a private paper lies. Every rendering of rich text for the public comes through
here."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from wagtail.documents import get_document_model

from cms.collections import public_documents
from cms.keys import find_number
from cms.visibility import readable_pages


def without_hidden_targets(source: str) -> str:
    """``source`` is rich text as Wagtail stores it, and so is what comes back."""
    if "linktype=" not in source:
        return source
    soup = BeautifulSoup(source, "html.parser")
    pages, documents = (soup.find_all("a", linktype=kind) for kind in ("page", "document"))
    _unlink(pages, pages_that_open(_numbers(pages)))
    _unlink(documents, documents_that_load(_numbers(documents)))
    return str(soup)


def _unlink(links: list[Tag], allowed: set[int]) -> None:
    for tag in links:
        if not _numbers([tag]) & allowed:
            tag.unwrap()


def _numbers(links: list[Tag]) -> set[int]:
    found = (find_number(str(tag.get("id", ""))) for tag in links)
    return {number for number in found if number is not None}


def pages_that_open(chosen: set[int]) -> set[int]:
    """Those of these pages that a link leads to, for anybody."""
    if not chosen:
        return set()
    # Wagtail leads to the translation in the reader's language, where there is one.
    targets = {page.pk: page.localized.pk for page in readable_pages().filter(pk__in=chosen)}
    readable = set(readable_pages().filter(pk__in=targets.values()).values_list("pk", flat=True))
    return {number for number, target in targets.items() if target in readable}


def documents_that_load(chosen: set[int]) -> set[int]:
    """Those of these documents that anybody may load."""
    if not chosen:
        return set()
    return {document.pk for document in public_documents(get_document_model().objects.filter(pk__in=chosen))}
