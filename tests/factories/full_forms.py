"""What the browser of an editor sends who fills in everything, for each type of page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse
from wagtail.models import Collection, Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms.models import DocumentPage, NewsPage, OrganisationPage, ReportPage
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_people import make_editor

FEATURES = ["h2", "h3", "bold", "italic", "ol", "ul", "link", "blockquote"]
TEXT = (
    "<h2>Why now</h2><p>The wells of <b>six</b> villages ran dry. Nobody had asked &amp; nobody was told.</p>"
    '<ul><li>Wells</li><li>Pipes</li></ul><p>See <a href="https://other.example/report">the report</a>.</p>'
)


def _rows(**filled: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("attachments", "credits", "related_pages", "corrections", "comments")
    return {name: inline_formset(filled.get(name, [])) for name in names}


def _news(collection: Collection) -> dict[str, Any]:
    return {}


def _report(collection: Collection) -> dict[str, Any]:
    item = {
        "start": "09:00",
        "end": "10:30",
        "title": "Welcome",
        "speakers": "Ana Kovač",
        "text": rich_text("<p>Hi</p>"),
    }
    days = [{"title": "First day", "date": "2022-05-30", "items": streamfield([("item", item)])}]
    people = [{"chosen": "", "other_name": "Wells for all", "other_country": "LV", "person": "Ilze", "role": "chair"}]
    return {
        "meeting_kind": "workshop",
        "attendance": "hybrid",
        "date_precision": "day",
        "start_date": "2022-05-30",
        "end_date": "2022-05-31",
        "participants": "40",
        "participants_precision": "more",
        "agenda_days": inline_formset(days),
        "participant_rows": inline_formset(people),
    }


def _document(collection: Collection) -> dict[str, Any]:
    return {"document_kind": "policy", "licence": "CC-BY-4.0", "edition": "2nd edition"}


# Each page type with what only it has; a test fails for a type that is not here.
OWN_FIELDS: dict[type[Page], Callable[[Collection], dict[str, Any]]] = {
    NewsPage: _news,
    ReportPage: _report,
    DocumentPage: _document,
}


def full_form(model: type[Page], organisation: OrganisationPage, **changes: Any) -> dict[str, Any]:
    """A new page, shared and about to be published, with two pictures and a file."""
    collection = organisation.collection
    lead, inside = make_image(collection=collection, size=(800, 600)), make_image(collection=collection)
    rows = _rows(
        attachments=[{"document": make_document(collection=collection, title="The report").pk}],
        credits=[{"name": "Ana Kovač", "role": "editor", "affiliation": ""}],
    )
    body = [
        ("paragraph", rich_text(TEXT, features=FEATURES)),
        ("figure", {"image": inside.pk, "caption": "At the well"}),
        ("quote", {"text": "Water is ours.", "name": "Ana", "role": "farmer"}),
    ]
    fields: dict[str, Any] = {
        "title": 'Wells & "rights"',
        "slug": "wells",
        "summary": "What happened <there>.\r\nAnd why.",
        "published_on": "2026-03-01",
        "place": "Riga",
        "lead_image": lead.pk,
        "lead_caption": "",
        "body": streamfield(body),
        "share": "on",
        "form": "",
        "showing": "link",
        "content_note": "",
        "quotes": "anybody",
        "replies": "anybody",
        "audience": "public",
        "action-publish": "1",
        **rows,
        **OWN_FIELDS[model](collection),
    }
    kept = {name: value for name, value in (fields | changes).items() if value is not None}
    return nested_form_data(kept)


@dataclass
class AtWork:
    """An editor of the organisation in front of the form of a new page of this type; ``page`` once it was published."""

    organisation: OrganisationPage
    model: type[Page]
    page: Page | None = None

    def __post_init__(self) -> None:
        self.client = Client()
        self.client.force_login(make_editor(self.organisation))

    def form(self, **changes: Any) -> dict[str, Any]:
        return full_form(self.model, self.organisation, **changes)

    def writes(self, data: dict[str, Any]) -> None:
        """As the editor does for the preview, while somebody types."""
        answer = self.client.post(self._url("preview"), data)
        assert answer.json() == {"is_valid": True, "is_available": True}

    def sees(self, mode: str) -> str:
        """The preview of what was written last, as HTML."""
        shown = self.client.get(self._url("preview"), {"mode": mode, "in_preview_panel": "true"})
        assert shown.status_code == 200
        assert {"no-store", "private"} <= {part.strip() for part in shown["Cache-Control"].split(",")}
        return str(shown.content.decode())

    def publishes(self, data: dict[str, Any]) -> Page:
        answer = self.client.post(self._url(), data)
        assert answer.status_code == 302, answer.context["form"].errors
        self.page = self.model.objects.get(slug=data["slug"])
        return self.page

    def _url(self, what: str = "") -> str:
        if self.page is not None:
            return reverse(f"wagtailadmin_pages:{what and 'preview_on_'}edit", args=[self.page.pk])
        names = [self.model._meta.app_label, self.model._meta.model_name, self.organisation.pk]
        return reverse(f"wagtailadmin_pages:{'preview_on_add' if what else 'add'}", args=names)
