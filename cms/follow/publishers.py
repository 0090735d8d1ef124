"""Who is behind a handle, as readers may see them now: an organisation, or the site itself."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.models import Page, Site

from cms.addresses import origin
from cms.desk import desk
from cms.keys import SITE
from cms.listings import latest
from cms.models import CustomImage, HandleClaim, OrganisationPage, SiteSettings
from cms.profiles import find_page_of

LENGTH = 20


@dataclass(frozen=True)
class Account:
    """``handle`` is the name that they go by now, without host; ``page`` is specific, and in the language that they
    publish in."""

    key: str
    handle: str
    name: str
    summary: str
    page: Page
    logo: CustomImage | None
    header: CustomImage | None

    @property
    def organisation(self) -> OrganisationPage | None:
        return self.page if isinstance(self.page, OrganisationPage) else None

    @cached_property
    def full_handle(self) -> str:
        """“@name@host”; empty while nobody can follow."""
        return desk().full_handle(self.key) or ""

    @cached_property
    def latest(self) -> list[Page]:
        return latest(self.page, LENGTH)

    @property
    def address(self) -> str:
        return reverse("cms_profile", args=[self.handle])


def find_account(handle: str) -> Account | None:
    """By any handle that they ever had, in any case; None while they have no page that everybody may read. The
    instance, which signs our requests, goes by the name of the host and has no face but the site's."""
    if not handle.isprintable():  # the database refuses NUL
        return None
    if handle.lower() == urlsplit(origin()).hostname:
        return account_of(SITE)
    claim = HandleClaim.objects.filter(handle=handle.lower()).first()
    return account_of(claim.publisher) if claim else None


def account_of(key: str) -> Account | None:
    """Of a publisher's key."""
    page = find_page_of(key)
    if page is None:
        return None
    if key != SITE:
        return Account(key, page.handle, page.title, page.summary, page, page.logo, page.header)
    own = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    return Account(key, own.handle, own.name or page.title, own.summary, page.specific, own.logo, own.header)
