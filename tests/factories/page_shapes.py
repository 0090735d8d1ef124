"""Pages as they are and as they can be: one of each type with everything on it, and those on which a layout breaks."""

from __future__ import annotations

from datetime import date
from typing import Any

from wagtail.models import Page

from cms.models import (
    AgendaDay,
    Attachment,
    Correction,
    Credit,
    NewsPage,
    Participant,
    ProfileField,
    RelatedPage,
)
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_pages import (
    home_page,
    make_document_page,
    make_news,
    make_organisation,
    make_report,
    make_section,
)

VIDEO = {"url": "https://www.youtube.com/watch?v=abcdefghijk", "title": "The opening"}


def body(*blocks: tuple[str, Any]) -> Any:
    raw = [{"type": kind, "value": value} for kind, value in blocks]
    return NewsPage._meta.get_field("body").stream_block.to_python(raw)  # type: ignore[union-attr]


def every_type(name: str = "Ēķe Forum", **fields: Any) -> dict[str, Page]:
    """One page of each type, with everything on it, below one organisation. ``fields`` are its own."""
    organisation = make_organisation(
        name,
        logo=make_image(credit="Logo maker"),
        header=make_image(credit="Header maker"),
        website="https://forum.example/",
        profile_fields=[ProfileField(label="Programme", value="Open Doors")],
        **fields,
    )
    section = make_section(organisation, title="Reports")
    everything = body(
        ("heading", {"text": "First", "level": "h2"}),
        ("paragraph", "<p>Words.</p>"),
        ("quote", {"text": "We stayed.", "name": "Ana Kovač", "role": "Director"}),
        ("figure", {"image": make_image(credit="Figure maker").pk, "caption": "A caption"}),
        ("documents", {"heading": "Papers", "documents": [make_document().pk]}),
        ("callout", {"title": "Note", "text": "<p>Well.</p>"}),
        ("table", {"columns": [{"type": "number", "heading": "N"}], "rows": [{"values": [3]}], "caption": "Few"}),
        ("key_figures", [{"value": "40", "label": "people", "source": ""}]),
        ("embed", VIDEO | {"poster": make_image(credit="Poster maker").pk, "transcript": None}),
    )
    item = {"type": "item", "value": {"start": "09:00", "end": None, "title": "Opening", "speakers": "", "text": ""}}
    report = make_report(
        section,
        title="A report",
        lead_image=make_image(credit="Lead maker"),
        body=everything,
        agenda_days=[AgendaDay(title="First day", items=AgendaDay.items.field.stream_block.to_python([item]))],
        participant_rows=[Participant(chosen=organisation, person="Radu Moțoc", role="Guest")],
        attachments=[Attachment(document=make_document())],
        corrections=[Correction(date=date(2026, 3, 2), text="It was 40, not 50.")],
    )
    news = make_news(
        organisation,
        title="Some news",
        lead_image=make_image(credit="News maker"),
        body=everything,
        credits=[Credit(name="Paula", role="Head of Programme", affiliation="The Centre")],
        related_pages=[RelatedPage(target=report), RelatedPage(target=organisation)],
    )
    document = make_document_page(
        organisation, title="A paper", attachments=[Attachment(document=make_document(title="The paper"))]
    )
    return {
        "home": home_page(),
        "organisation": organisation,
        "section": section,
        "news": news,
        "report": report,
        "document": document,
    }
