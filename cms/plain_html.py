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
from cms.links import without_hidden_targets
from cms.models import CustomDocument

TAGS = frozenset(["h2", "h3", "h4", "p", "ul", "ol", "li", "blockquote", "strong", "em", "a", "br", "pre", "code"])
_RENAMED = {"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"}
_SCHEMES = {"http", "https", "mailto"}
_DOCUMENT = re.compile(r"^/documents/([0-9a-f-]{36})/")


def plain_html(source: str) -> SafeString:
    """``source`` is rich text as Wagtail stores it."""
    soup = BeautifulSoup(expand_db_html(without_hidden_targets(source)), "html.parser")
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


def _private_documents(soup: BeautifulSoup) -> set[str]:
    """Addresses in the text that belong to documents which not everybody may load."""
    numbers = {match[1] for tag in soup.find_all("a") if (match := _DOCUMENT.match(str(tag.get("href", ""))))}
    documents = list(CustomDocument.objects.filter(uuid__in=map(uuid.UUID, numbers))) if numbers else []
    allowed = set(public_documents(documents))
    return {document.url for document in documents if document not in allowed}
