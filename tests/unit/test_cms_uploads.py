"""What may be uploaded as a document: the content decides, not the name."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from cms.documents import MEDIA_TYPES, inspect_upload, may_show_inline
from tests.factories.cms_media import office_bytes, pdf_bytes

ACTOR = (
    b'{"@context": "https://www.w3.org/ns/activitystreams", "id": "https://hub.example/documents/x/", "type": "Person"}'
)
PAGE = b"<!doctype html><script>fetch('/admin/')</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _refusal(content: bytes, name: str) -> str:
    with pytest.raises(ValidationError) as refused:
        inspect_upload(ContentFile(content, name), name)
    return str(refused.value.message_dict["file"][0])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("actor.json", ACTOR),
        ("actor.jsonld", ACTOR),
        ("page.html", PAGE),
        ("drawing.svg", DRAWING),
        ("feed.xml", b"<?xml version='1.0'?><x/>"),
        ("run.js", b"alert(1)"),
        ("macro.docm", office_bytes("docx")),
        ("none", pdf_bytes(1)),
    ],
)
def test_a_type_that_is_not_listed_is_refused(name: str, content: bytes) -> None:
    assert _refusal(content, name).startswith("Files of this type cannot be offered")


@pytest.mark.parametrize("content", [ACTOR, PAGE, DRAWING], ids=["json", "html", "svg"])
@pytest.mark.parametrize("extension", ["pdf", "docx", "odt", "epub", "rtf", "txt", "csv"])
def test_active_content_that_pretends_to_be_something_else_is_refused(content: bytes, extension: str) -> None:
    assert _refusal(content, f"report.{extension}").startswith(f"This is not a {extension.upper()} file")


def test_a_pdf_that_begins_as_something_else_is_refused() -> None:
    assert _refusal(b"<html>" + pdf_bytes(1), "report.pdf").startswith("This is not a PDF")


def test_an_office_file_with_macros_is_refused() -> None:
    assert _refusal(office_bytes("docx", "word/vbaProject.bin"), "report.docx").startswith("This is not a DOCX")


def test_one_kind_of_office_file_cannot_pretend_to_be_another() -> None:
    assert _refusal(office_bytes("docx"), "report.xlsx").startswith("This is not a XLSX")


def test_a_byte_order_mark_does_not_hide_markup() -> None:
    assert _refusal(b"\xef\xbb\xbf \n" + PAGE, "notes.txt").startswith("This is not a TXT")


def test_a_pdf_is_counted_and_measured() -> None:
    content = pdf_bytes(3)
    facts = inspect_upload(ContentFile(content), "Ṋetshambiḓi.PDF")
    assert (facts.media_type, facts.pages, facts.size) == ("application/pdf", 3, len(content))


def test_a_broken_pdf_has_no_page_count() -> None:
    assert inspect_upload(ContentFile(b"%PDF-1.7 and nothing more"), "a.pdf").pages is None


@pytest.mark.parametrize("extension", ["docx", "xlsx", "odt"])
def test_an_office_file_is_known_by_its_parts(extension: str) -> None:
    assert inspect_upload(ContentFile(office_bytes(extension)), f"a.{extension}").media_type == MEDIA_TYPES[extension]


@pytest.mark.parametrize("name", ["data.csv", "notes.txt"])
def test_plain_text_is_accepted(name: str) -> None:
    content = ContentFile("name,city\nMoțoc,Iași\n".encode())
    assert inspect_upload(content, name).media_type == MEDIA_TYPES[name[-3:]].partition(";")[0]


def test_no_type_that_peers_take_for_an_object_is_ever_served() -> None:
    assert not [kind for kind in MEDIA_TYPES.values() if "json" in kind or "html" in kind or "svg" in kind]


def test_only_pdf_opens_in_the_browser() -> None:
    assert [extension for extension, kind in MEDIA_TYPES.items() if may_show_inline(kind)] == ["pdf"]
