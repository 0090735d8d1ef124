"""What a page says of itself to search engines and archives, in the vocabulary of schema.org, as JSON-LD. Everything in
it also stands on the page, and is chosen by the same rules; nothing here knows more than a reader.

A type is as exact as the editor's choice and no more. Mastodon takes headline, language and publisher of its link card
from a ``NewsArticle``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from wagtail.models import Page

from cms.addresses import absolute, page_address
from cms.dates import Precision
from cms.languages import bcp47
from cms.licences import licence_url
from cms.models import CustomDocument, DocumentPage, HomePage, NewsPage, OrganisationPage, ReportPage, SectionPage
from cms.models.base import Shareable
from cms.models.organisation import OrganisationKind
from federation.contract import Picture

_CONTEXT = "https://schema.org"
_ORGANISATIONS = {
    OrganisationKind.CSO: "NGO",
    OrganisationKind.NETWORK: "NGO",
    OrganisationKind.MEDIA: "NewsMediaOrganization",
    OrganisationKind.ACADEMIC: "EducationalOrganization",
    OrganisationKind.PUBLIC: "GovernmentOrganization",
}
_SHOWN_OF_A_DATE = {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4, Precision.UNKNOWN: 0}
# What would end the script element, or be taken for a character of HTML by whoever reads it out of the page (Mastodon
# does before it parses). JSON may write any character so.
_ESCAPES = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}

Facts = dict[str, Any]


def linked_data(page: Page, site: str, description: str, picture: Picture | None) -> str:
    """JSON for a script element; empty for a type of page that has no description in this vocabulary. ``page`` is
    specific; the rest is what its head says anyway."""
    describe = _DESCRIPTIONS.get(type(page))
    if describe is None:
        return ""
    facts: Facts = {"@context": _CONTEXT} | describe(page) | {"url": page_address(page), "description": description}
    facts["inLanguage"] = language_of(page) if not isinstance(page, OrganisationPage) else ""
    if isinstance(page, Shareable | OrganisationPage):
        facts["image"] = _image(picture)
    if not isinstance(page, HomePage | OrganisationPage):
        facts["isPartOf"] = {"@type": "WebSite", "name": site, "url": absolute("/")}
    return json.dumps(_without_empty(facts), ensure_ascii=False).translate(_ESCAPES)


def language_of(page: Page) -> str:
    """A BCP 47 tag; the site's for a page that was never saved, whose preview has none yet."""
    return bcp47(page.locale.language_code if page.locale_id else settings.LANGUAGE_CODE)


def _piece(page: Shareable) -> Facts:
    organisation = page.organisation
    publisher = _short(organisation) if organisation else None
    authors = [_author(entry) for entry in page.byline_entries]
    return {
        "headline": page.title,
        "mainEntityOfPage": page_address(page),
        "datePublished": page.published_on.isoformat(),
        "dateModified": page.last_published_at.isoformat(timespec="seconds") if page.last_published_at else "",
        "author": authors or publisher,
        "publisher": publisher,
        "isAccessibleForFree": True,
        "correction": [
            {"@type": "CorrectionComment", "text": row.text, "datePublished": row.date.isoformat()}
            for row in page.corrections.all()
        ],
    }


def _news(page: NewsPage) -> Facts:
    return {"@type": "NewsArticle"} | _piece(page) | {"associatedMedia": _files(page.files)}


def _report(page: ReportPage) -> Facts:
    about = {
        "@type": "Event",
        "name": page.title,
        "startDate": _day(page.start_date, page.date_precision),
        "endDate": _day(page.end_date, page.date_precision),
        "location": {"@type": "Place", "name": page.place} if page.place else None,
    }
    known = about["startDate"] or about["location"]
    more = {"associatedMedia": _files(page.files), "about": about if known else None}
    return {"@type": "Report"} | _piece(page) | more


def _document(page: DocumentPage) -> Facts:
    more = {"name": page.title, "version": page.edition, "license": page.licence_url, "encoding": _files(page.files)}
    return {"@type": "DigitalDocument"} | _piece(page) | more


def _organisation(page: OrganisationPage) -> Facts:
    own = [page.website, *(row.value for row in page.profile_fields.all())]
    return {
        "@type": _ORGANISATIONS.get(OrganisationKind(page.kind), "Organization"),
        "name": page.title,
        "alternateName": page.short_name,
        "legalName": page.legal_name,
        "address": {"@type": "PostalAddress", "addressCountry": page.country} if page.country else None,
        "knowsLanguage": list(page.language_tags),
        "sameAs": [value for value in own if value.startswith(("https://", "http://"))],
    }


def _section(page: SectionPage) -> Facts:
    return {
        "@type": "CollectionPage",
        "name": page.title,
        "publisher": _short(page.organisation) if page.organisation else None,
    }


def _home(page: HomePage) -> Facts:
    return {"@type": "WebSite", "name": page.title}


_DESCRIPTIONS: dict[type[Page], Callable[[Any], Facts]] = {
    HomePage: _home,
    OrganisationPage: _organisation,
    SectionPage: _section,
    NewsPage: _news,
    ReportPage: _report,
    DocumentPage: _document,
}


def _short(page: OrganisationPage) -> Facts:
    kind = _ORGANISATIONS.get(OrganisationKind(page.kind), "Organization")
    return {"@type": kind, "name": page.title, "url": page_address(page)}


def _author(entry: Any) -> Facts:
    affiliation = {"@type": "Organization", "name": entry.affiliation} if entry.affiliation else None
    return {"@type": "Person", "name": entry.name, "jobTitle": entry.role, "affiliation": affiliation}


def _files(documents: Iterable[CustomDocument]) -> list[Facts]:
    return [
        {
            "@type": "MediaObject",
            "name": document.title,
            "contentUrl": absolute(document.url),
            "encodingFormat": document.media_type,
            "contentSize": f"{document.file_size} B" if document.file_size else "",
            "inLanguage": document.language,
            "license": document.licence_url,
            "sha256": document.sha256,
        }
        for document in documents
    ]


def _image(picture: Picture | None) -> Facts | None:
    if picture is None:
        return None
    facts = {"@type": "ImageObject", "contentUrl": picture.url, "caption": picture.alt, "creditText": picture.credit}
    return facts | {"license": licence_url(picture.licence)}


def _day(day: Any, precision: str) -> str:
    """As much of the date as somebody knows (ISO 8601)."""
    return day.isoformat()[: _SHOWN_OF_A_DATE[Precision(precision)]] if day else ""


def _without_empty(value: Any) -> Any:
    """Nothing is said about what is not known."""
    if isinstance(value, dict):
        return {name: kept for name, kept in ((n, _without_empty(v)) for n, v in value.items()) if _says(kept)}
    if isinstance(value, list):
        return [kept for kept in map(_without_empty, value) if _says(kept)]
    return value


def _says(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != {}
