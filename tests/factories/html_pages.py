"""Reads pages as a browser would, without one: what they load, what they say, where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from wagtail.models import Page

# Elements whose addresses a browser fetches without being asked.
_LOADS = {
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "script": ("src",),
    "iframe": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
}
_LOADING_RELS = {"stylesheet", "icon", "preload", "apple-touch-icon", "modulepreload", "preconnect", "dns-prefetch"}


def read(page: Page, client: Client | None = None) -> BeautifulSoup:
    """The page as anybody gets it."""
    answer = (client or Client()).get(page.url)
    assert answer.status_code == 200, answer.status_code
    return BeautifulSoup(answer.content, "html.parser")


def loaded_addresses(soup: BeautifulSoup) -> set[str]:
    """Everything that a browser fetches for this page."""
    found = set(_of_links(soup))
    for name, attributes in _LOADS.items():
        for tag in soup.find_all(name):
            for attribute in attributes:
                found.update(part.split()[0] for part in str(tag.get(attribute, "")).split(",") if part.strip())
    return found


def _of_links(soup: BeautifulSoup) -> Iterator[str]:
    for tag in soup.find_all("link"):
        if _LOADING_RELS & set(tag.get("rel") or []):
            yield str(tag.get("href", ""))


def is_ours(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.netloc or f"{parts.scheme}://{parts.netloc}" == settings.SITE_URL


def style_bytes(soup: BeautifulSoup) -> int:
    """The size of the style sheets that the page loads."""
    hrefs = [str(tag["href"]) for tag in soup.find_all("link", rel="stylesheet")]
    paths = [finders.find(urlsplit(href).path.removeprefix(settings.STATIC_URL)) for href in hrefs]
    assert hrefs
    assert all(paths), hrefs
    return sum(Path(str(path)).stat().st_size for path in paths)


def text_of(tag: Tag | BeautifulSoup | None) -> str:
    """The words, with single spaces."""
    assert tag is not None
    return re.sub(r"\s+", " ", tag.get_text(" ")).strip()
