"""Pages to test with. They are live and, unless told otherwise, not shared: as ``add_child`` makes them."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from wagtail.models import Page, PageViewRestriction, Site

from cms.models import DocumentPage, HomePage, NewsPage, OrganisationPage, ReportPage, SectionPage

_numbers = itertools.count(1)


def home_page() -> HomePage:
    """The front page of the default site."""
    return HomePage.objects.get(pk=Site.objects.get(is_default_site=True).root_page_id)


def make_organisation(title: str | None = None, **fields: Any) -> OrganisationPage:
    title = title or f"Partner {next(_numbers)}"
    page = OrganisationPage(**{"title": title, "summary": "Works for open societies.", "country": "LV"} | fields)
    return home_page().add_child(instance=page)


def make_section(organisation: OrganisationPage | None = None, **fields: Any) -> SectionPage:
    parent = organisation or make_organisation()
    return parent.add_child(instance=SectionPage(**{"title": f"Section {next(_numbers)}"} | fields))


def make_news(parent: Page | None = None, **fields: Any) -> NewsPage:
    return _make(NewsPage, parent, fields)


def make_report(parent: Page | None = None, **fields: Any) -> ReportPage:
    meeting = {"place": "Belgrade", "start_date": date(2022, 5, 30), "end_date": date(2022, 5, 31)}
    return _make(ReportPage, parent, meeting | fields)


def make_document_page(parent: Page | None = None, **fields: Any) -> DocumentPage:
    return _make(DocumentPage, parent, fields)


def make_private(page: Page, password: str = "secret") -> PageViewRestriction:
    return PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.PASSWORD, password=password
    )


def publish(page: Any, **changes: Any) -> Any:
    """As an editor does: a new revision, then publish. Returns the live page."""
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision().publish()
    return type(page).objects.get(pk=page.pk)


def _make(model: type[Any], parent: Page | None, fields: dict[str, Any]) -> Any:
    number = next(_numbers)
    defaults = {
        "title": f"{model._meta.verbose_name} {number}",
        "summary": "What happened.",
        "published_on": date(2026, 3, 1),
    }
    page = model(**defaults | fields)
    return (parent or make_organisation()).add_child(instance=page)
