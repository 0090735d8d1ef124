"""Turns an editor's rich text into the few tags that survive elsewhere, with absolute links. What is not listed loses
its tag and keeps its words. Links to what is gone or private lose their address, too."""

from __future__ import annotations

import re
import uuid
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Comment, Tag
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import expand_db_html

from cms.addresses import absolute
from cms.collections import public_documents
from cms.models import CustomDocument
from cms.visibility import readable_pages

TAGS = frozenset(["h2", "h3", "h4", "p", "ul", "ol", "li", "blockquote", "strong", "em", "a", "br", "pre", "code"])
_RENAMED = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"}
_SCHEMES = {"http", "https", "mailto"}
_DOCUMENT = re.compile(r"^/documents/([0-9a-f-]{36})/")


def plain_html(source: str) -> SafeString:
    """``source`` is rich text as Wagtail stores it."""
    soup = BeautifulSoup(expand_db_html(_without_hidden_pages(source)), "html.parser")
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    hidden = _private_documents(soup)
    for tag in soup.find_all(True):
        _clean(tag, hidden)
    return mark_safe(str(soup))


def _clean(tag: Tag, hidden: set[str]) -> None:
    tag.name = _RENAMED.get(tag.name, tag.name)
    href = str(tag.get("href", ""))
    tag.attrs = {}
    if tag.name == "a":
        address = absolute(href)
        if href and href not in hidden and urlsplit(address).scheme in _SCHEMES:
            tag["href"] = address
            return
        tag.unwrap()
    elif tag.name not in TAGS:
        tag.unwrap()


def _without_hidden_pages(source: str) -> str:
    """Links to pages that not everybody may read lose their target: an address tells the title of a draft."""
    soup = BeautifulSoup(source, "html.parser")
    links = soup.find_all("a", linktype="page")
    if not links:
        return source
    chosen = {str(tag.get("id", "")) for tag in links}
    # Wagtail leads to the translation in the reader's language, where there is one.
    targets = {
        str(page.pk): page.localized.pk
        for page in readable_pages().filter(pk__in=[number for number in chosen if number.isdecimal()])
    }
    readable = set(readable_pages().filter(pk__in=targets.values()).values_list("pk", flat=True))
    for tag in links:
        if targets.get(str(tag.get("id", ""))) not in readable:
            tag.attrs = {}
    return str(soup)


def _private_documents(soup: BeautifulSoup) -> set[str]:
    """Addresses in the text that belong to documents which not everybody may load."""
    numbers = {match[1] for tag in soup.find_all("a") if (match := _DOCUMENT.match(str(tag.get("href", ""))))}
    documents = list(CustomDocument.objects.filter(uuid__in=map(uuid.UUID, numbers))) if numbers else []
    allowed = set(public_documents(documents))
    return {document.url for document in documents if document not in allowed}
