"""Thirteen defects were seen on real sites of this kind. Those that concern the page types that exist are answered in
the model; each has its test here, by its number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db.models import CharField, DateField, ForeignKey
from django.utils.functional import Promise
from wagtail.documents.models import AbstractDocument
from wagtail.images.models import AbstractImage

from cms.blocks import AgendaBlock, BodyBlock
from cms.documents import MEDIA_TYPES
from cms.listings import content_pages
from cms.models import (
    Attachment,
    Correction,
    Credit,
    CustomImage,
    Participant,
    RelatedPage,
    ReportPage,
)
from cms.models.base import Shareable
from cms.rendering import file_facts
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_pages import make_document_page, make_news, make_organisation, make_report

pytestmark = pytest.mark.django_db
CONTENT_TYPES = [model for model in apps.get_models() if issubclass(model, Shareable)]


@pytest.mark.parametrize(
    ("model", "field"), [(RelatedPage, "target"), (Attachment, "document"), (Participant, "chosen")]
)
def test_d1_references_within_the_site_are_choices_and_no_text(model: type, field: str) -> None:
    assert isinstance(model._meta.get_field(field), ForeignKey)


def test_d1_a_reference_to_a_deleted_page_disappears_instead_of_breaking() -> None:
    target = make_news()
    page = make_news(related_pages=[RelatedPage(target=target)])
    target.delete()
    assert type(page).objects.get(pk=page.pk).related == []


def test_d1_a_page_does_not_relate_to_itself() -> None:
    page = make_news()
    with pytest.raises(ValidationError):
        RelatedPage(page=page, target=page).full_clean()


def test_d1_related_pages_are_only_those_that_readers_may_see() -> None:
    shown, hidden = make_news(), make_news(live=False)
    page = make_news(related_pages=[RelatedPage(target=hidden), RelatedPage(target=shown)])
    assert [related.pk for related in page.related] == [shown.pk]


@pytest.mark.parametrize("model", CONTENT_TYPES)
def test_d3_every_content_type_has_a_date_that_cannot_be_empty(model: type[Shareable]) -> None:
    field = model._meta.get_field("published_on")
    assert isinstance(field, DateField)
    assert (field.null, field.blank) == (False, False)


def test_d3_every_row_of_a_list_carries_that_date() -> None:
    page = make_news(published_on=date(2021, 3, 1))
    row = content_pages().specific().get(pk=page.pk)
    assert (row.published_on, row.teaser_date) == (date(2021, 3, 1), date(2021, 3, 1))


@pytest.mark.parametrize("model", [Credit, Participant])
def test_d5_a_role_is_kept_as_it_was_at_that_time(model: type) -> None:
    field = model._meta.get_field("role")
    assert isinstance(field, CharField)
    assert str(field.verbose_name) == "role at that time"


def test_d5_a_byline_does_not_change_with_somebodys_next_post() -> None:
    page = make_news(credits=[Credit(name="Paulina Fröhlich", role="Head of Programme")])
    make_news(credits=[Credit(name="Paulina Fröhlich", role="Deputy Managing Director")])
    assert [(entry.name, entry.role) for entry in page.byline_entries] == [("Paulina Fröhlich", "Head of Programme")]


def test_d6_every_label_of_a_form_can_be_translated() -> None:
    """A literal that does not go through gettext would stay English on every screen."""
    without_a_form = {"Departure", "Invitation", "RateWindow", "RecoveryCode", "SecondFactor"}
    fields = [
        field
        for model in apps.get_app_config("cms").get_models()
        if model.__name__ not in without_a_form
        for field in model._meta.local_fields
        if field.editable and not field.primary_key and field.model.__module__.startswith("cms.")
    ]
    inherited = {"page", "sort_order", "page_ptr", *(field.name for field in AbstractUser._meta.get_fields())}
    inherited |= {field.name for base in (AbstractImage, AbstractDocument) for field in base._meta.get_fields()}
    inherited |= {"image", "filter_spec", "focal_point_key", "site", "handle", "publisher", "user", "group"}
    assert [str(field) for field in fields if field.name not in inherited and not _is_lazy(field.verbose_name)] == []


def test_d6_every_label_of_a_block_can_be_translated() -> None:
    def walk(block: Any) -> Iterator[tuple[str, Any]]:
        for name, child in getattr(block, "child_blocks", {}).items():
            yield name, child.meta.label
            yield from walk(child)

    labels = [*walk(BodyBlock()), *walk(AgendaBlock())]
    assert [name for name, label in labels if not _is_lazy(label)] == []


def _is_lazy(text: Any) -> bool:
    return isinstance(text, Promise)


def test_d7_a_document_says_what_it_is() -> None:
    document = make_document(title="Workshop summary", language="sr")
    assert file_facts(document) == f"PDF, {document.file_size} bytes, 3 pages, Serbian"


def test_d7_the_words_of_a_link_to_a_document_cannot_be_written_by_hand() -> None:
    block = BodyBlock().child_blocks["documents"]
    assert set(block.child_blocks) == {"heading", "documents"}


def test_d8_a_date_of_an_event_has_its_year() -> None:
    assert make_report().event_date == "30–31 May 2022"


@pytest.mark.parametrize(("precision", "words"), [("month", "May 2022"), ("year", "2022"), ("unknown", "")])
def test_d8_a_date_is_no_more_exact_than_it_is_known(precision: str, words: str) -> None:
    assert make_report(date_precision=precision).event_date == words


def test_d8_a_report_without_a_known_date_falls_back_to_its_own() -> None:
    page = make_report(date_precision="unknown", start_date=None, end_date=None, published_on=date(2026, 1, 5))
    assert page.dateline == "Belgrade · 5 January 2026"


@pytest.mark.parametrize(
    "fields",
    [
        {"start_date": None, "end_date": None},
        {"start_date": date(2022, 5, 31), "end_date": date(2022, 5, 30)},
    ],
)
def test_d8_a_date_that_is_missing_or_runs_backwards_is_refused(fields: dict[str, date | None]) -> None:
    with pytest.raises(ValidationError):
        make_report(**fields)


def test_d9_the_number_of_participants_stands_in_one_place() -> None:
    names = [field.name for field in ReportPage._meta.get_fields() if "participants" in field.name]
    assert names == ["participants", "participants_precision"]


@pytest.mark.parametrize(
    ("precision", "words"),
    [("exact", "40 participants"), ("about", "about 40 participants"), ("more", "more than 40 participants")],
)
def test_d9_the_number_says_how_exact_it_is(precision: str, words: str) -> None:
    assert make_report(participants=40, participants_precision=precision).participants_text == words


def test_d9_an_unknown_number_says_nothing() -> None:
    assert make_report(participants=None).participants_text == ""


def test_d9_a_correction_is_public_and_has_a_date() -> None:
    page = make_report(corrections=[Correction(date=date(2022, 7, 1), text="More than 40, not 50.")])
    assert [str(row) for row in page.corrections.all()] == ["2022-07-01: More than 40, not 50."]


def test_d12_a_video_offers_a_frame_only_for_a_click_and_a_link_always() -> None:
    block = BodyBlock().child_blocks["embed"]
    value = block.to_python({"url": "https://youtu.be/abc", "title": "Launch", "poster": None, "transcript": None})
    assert (value["url"], value.embed.frame_url) == (
        "https://youtu.be/abc",
        "https://www.youtube-nocookie.com/embed/abc",
    )


def test_d12_the_still_picture_of_a_video_is_ours() -> None:
    poster = make_image()
    block = BodyBlock().child_blocks["embed"]
    value = block.to_python({"url": "https://youtu.be/abc", "title": "x", "poster": poster.pk, "transcript": None})
    assert value["poster"] == poster


@pytest.mark.parametrize("field", ["description", "credit", "licence"])
def test_d13_an_image_cannot_be_without_words_credit_and_licence(field: str) -> None:
    assert CustomImage._meta.get_field(field).blank is False


def test_d13_the_credit_of_a_picture_is_read_from_the_picture() -> None:
    page = make_news(lead_image=make_image(credit="Moises Gonzales"))
    assert page.picture is not None
    assert page.picture.credit == "Moises Gonzales"


def test_a_document_page_names_the_languages_of_its_files_once() -> None:
    files = [Attachment(document=make_document(language=tag)) for tag in ("en", "sr", "en")]
    assert make_document_page(attachments=files).file_languages == ["English", "Serbian"]


def test_a_participant_is_somebody() -> None:
    with pytest.raises(ValidationError):
        Participant(page=make_report()).full_clean()


def test_a_participant_is_named_only_after_a_page_that_readers_may_see() -> None:
    """What a hidden page is called is hidden too; who spoke there stays."""
    shown, hidden = make_organisation("Shown"), make_organisation("Hidden", live=False)
    page = make_report(participant_rows=[Participant(chosen=shown), Participant(chosen=hidden, person="Ana")])
    rows = ReportPage.objects.get(pk=page.pk).participating
    assert [(row.name, row.linked) for row in rows] == [("Shown", shown), ("", None)]


def test_all_formats_of_documents_have_a_label() -> None:
    assert make_document(filename="a.PDF").format_label == "PDF"
    assert "pdf" in MEDIA_TYPES
