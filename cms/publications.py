"""The site's side of the contract with federation: what is public now, and who publishes it.

Every answer is read from the live rows at this moment, never from a draft, a cache or a signal. Federation finds this
class by its dotted path; nothing here knows what becomes of the answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wagtail.models import Page, Site

from cms import partners, profiles, visibility
from cms.addresses import absolute, find_page, page_address
from cms.collections import public_documents
from cms.content import content_html
from cms.keys import SITE, organisation_key, page_key, page_pk
from cms.languages import bcp47
from cms.models import CustomDocument, OrganisationPage
from cms.models.base import Shareable
from cms.pictures import pictures
from federation.contract import Admission, Audience, File, Form, Publication, Publisher, Quotes, Replies, Showing


class CmsSource:
    """Implements :class:`federation.contract.Source`."""

    def publication(self, key: str) -> Publication | None:
        pk = page_pk(key)
        page = visibility.public_pages().filter(pk=pk).specific().first() if pk is not None else None
        return as_publication(page) if isinstance(page, Shareable) else None

    def publisher(self, key: str) -> Publisher | None:
        return profiles.publisher(key)

    def publisher_exists(self, key: str) -> bool:
        return profiles.publisher_exists(key)

    def publisher_of(self, key: str) -> str | None:
        page = _find(key)
        organisation = _organisation_of(page) if page else None
        return organisation.publisher_key if organisation else self.is_publisher(key)

    def is_publisher(self, key: str) -> str | None:
        page = _find(key)
        return _publisher_key(page) if page else None

    def pinned(self, publisher: str) -> tuple[str, ...]:
        return profiles.pinned(publisher)

    def admission(self, publisher: str) -> Admission:
        return profiles.admission(publisher)

    def public_condition(self, key_reference: Any, *, few: bool = False) -> Any:
        return visibility.public_condition(key_reference, few=few)

    def public_keys(self) -> Iterator[str]:
        for pk in visibility.public_pages().order_by("pk").values_list("pk", flat=True).iterator():
            yield page_key(pk)

    def publisher_keys(self) -> Iterator[str]:
        return profiles.publisher_keys()

    def url_is_publication(self, url: str) -> str | None:
        page = find_page(url)
        if page is None:
            return profiles.find_by_address(url)
        is_content = issubclass(page.specific_class or Page, Shareable)
        return _publisher_key(page) or (page_key(page.pk) if is_content else None)

    def publishers_editable_by(self, user: Any) -> set[str] | None:
        return partners.publishers_editable_by(user)


def as_publication(page: Shareable) -> Publication:
    """The piece as the public reads it. ``page`` is a live, specific page under an organisation."""
    organisation = page.organisation
    if organisation is None:
        raise ValueError(f"page {page.pk} belongs to no organisation")
    return Publication(
        key=page_key(page.pk),
        publisher=organisation.publisher_key,
        kind=page.kind,
        form=Form(page.form or organisation.default_form),
        title=page.title,
        summary=page.summary,
        content=content_html(page),
        language=bcp47(page.locale.language_code),
        url=page_address(page),
        dated=page.dated,
        byline=page.byline,
        pictures=pictures(page.images),
        files=tuple(_file(document) for document in public_documents(page.documents)),
        showing=Showing(page.showing),
        content_note=page.content_note,
        quotes=Quotes(page.quotes),
        replies=Replies(page.replies),
        # A page that stays on this site is never shared; its preview shows what would be if it were.
        audience=Audience.QUIET if page.audience == Audience.QUIET else Audience.PUBLIC,
    )


def _file(document: CustomDocument) -> File:
    return File(
        url=absolute(document.url),
        title=document.title,
        media_type=document.media_type,
        size=document.file_size or 0,
        language=document.language,
        pages=document.pages,
    )


def _find(key: str) -> Page | None:
    pk = page_pk(key)
    return Page.objects.filter(pk=pk).first() if pk is not None else None


def _organisation_of(page: Page) -> OrganisationPage | None:
    return OrganisationPage.objects.ancestor_of(page, inclusive=True).filter(alias_of__isnull=True).last()


def _publisher_key(page: Page) -> str | None:
    if Site.objects.filter(is_default_site=True, root_page=page.pk).exists():
        return SITE
    own = OrganisationPage.objects.filter(pk=page.pk, alias_of__isnull=True).values_list("translation_key", flat=True)
    return next((organisation_key(key) for key in own), None)
