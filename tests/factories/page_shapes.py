"""Pages as they are and as they can be: one of each type with everything on it, and those on which a layout breaks."""

from __future__ import annotations

from datetime import date
from typing import Any

from wagtail.models import Locale, Page

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


def every_type(name: str = "Ēķe Forum", *, share: bool = False, **fields: Any) -> dict[str, Page]:
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
        share=share,
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
        share=share,
        lead_image=make_image(credit="News maker"),
        body=everything,
        credits=[Credit(name="Paula", role="Head of Programme", affiliation="The Centre")],
        related_pages=[RelatedPage(target=report), RelatedPage(target=organisation)],
    )
    document = make_document_page(
        organisation,
        title="A paper",
        share=share,
        attachments=[Attachment(document=make_document(title="The paper"))],
    )
    return {
        "home": home_page(),
        "organisation": organisation,
        "section": section,
        "news": news,
        "report": report,
        "document": document,
    }


THIRTY_WORDS = (
    "What nine organisations from nine countries learned in one long year about working together, being heard by those"
    " who decide, losing some of the money they counted on, and beginning again"
)
GERMAN = (
    "Rechtsschutzversicherungsgesellschaften und Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"
)
ARABIC = "تقرير عن اجتماع المنظمات الشريكة في بلغراد"
ARABIC_TEXT = "<p>اجتمعت تسع منظمات من تسع دول لمدة يومين، ونظرت إلى العام الماضي، وخططت لما سيأتي بعده معا.</p>"


def odd_ones() -> dict[str, Page]:
    """Pages on which a layout breaks, below an organisation with a long name."""
    organisation = make_organisation(f"Bundesarbeitsgemeinschaft für {GERMAN.split()[0]}", short_name="BAG")
    arabic, _new = Locale.objects.get_or_create(language_code="ar")
    return {
        "three words": make_news(organisation, title="They came back", summary=""),
        "thirty words": make_news(organisation, title=THIRTY_WORDS, lead_image=make_image(size=(1600, 1000))),
        "long words": make_report(organisation, title=GERMAN, summary=f"{GERMAN}.", place=GERMAN.split()[2]),
        "tall picture": make_news(organisation, title="A tall picture", lead_image=make_image(size=(700, 2400))),
        "right to left": make_report(
            organisation,
            title=ARABIC,
            summary=ARABIC,
            place="بلغراد",
            locale=arabic,
            lead_image=make_image(size=(1600, 1000)),
            body=body(("heading", {"text": ARABIC, "level": "h2"}), ("paragraph", ARABIC_TEXT * 3)),
            attachments=[Attachment(document=make_document(title=ARABIC))],
        ),
        "empty shelf": make_section(make_organisation("Quiet House")),
    }
