"""Absolute addresses of this instance. They come from ``SITE_URL``, never from a request: what is told to others must
not depend on who happened to ask."""

from __future__ import annotations

from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from cms.language_paths import language_of, prefix_of


def origin() -> str:
    """Scheme, host and port, without a slash at the end."""
    return str(settings.SITE_URL)


def absolute(path: str) -> str:
    """A path or address of ours with scheme and host; an address of somebody else stays as it is."""
    return urljoin(f"{origin()}/", path)


def page_address(page: Page) -> str:
    """The page's own address; empty if it lies outside of the site."""
    parts = page.get_url_parts()
    return absolute(parts[2]) if parts and parts[2] else ""


def find_page(url: str) -> Page | None:
    """The page with this absolute address, public or not, also if it has moved since; else None."""
    wanted, ours = urlsplit(url), urlsplit(origin())
    if (wanted.scheme, wanted.netloc) != (ours.scheme, ours.netloc):
        return None
    path = f"{unquote(wanted.path).strip('/')}/".removeprefix("/")
    prefix = prefix_of(language_of(f"/{path}"))
    for root in Site.get_site_root_paths():
        if prefix_of(root.language_code) != prefix:
            continue
        page = Page.objects.filter(url_path=f"{root.root_path}{path.removeprefix(prefix)}").first()
        if page is not None:
            return page
    moved = Redirect.objects.filter(old_path=Redirect.normalise_path(wanted.path), redirect_page__isnull=False)
    redirect = moved.select_related("redirect_page").first()
    return cast("Page", redirect.redirect_page) if redirect else None
