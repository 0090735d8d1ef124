"""Documents have addresses for ever and are safe to host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cms.documents import MEDIA_TYPES, documents_root
from cms.licences import Licence
from cms.models import CustomDocument
from tests.factories.cms_media import make_document, make_private_collection, office_bytes, pdf_bytes
from tests.factories.cms_pages import make_organisation
from tests.factories.cms_people import make_admin, make_editor

pytestmark = pytest.mark.django_db

ACTOR = json.dumps({"@context": "https://www.w3.org/ns/activitystreams", "type": "Person"}).encode()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def _body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def _as_admin() -> Client:
    client = Client()
    client.force_login(make_admin())
    return client


def _upload(client: Client, name: str, content: bytes, claimed: str = "application/pdf") -> Any:
    return client.post(
        reverse("wagtaildocs:add"),
        {
            "title": "An upload",
            "file": SimpleUploadedFile(name, content, claimed),
            "kind": "other",
            "language": "en",
            "licence": Licence.OWN,
            "description": "",
            "tags": "",
        },
    )


# Addresses


def test_a_document_is_served_under_its_number(client: Client) -> None:
    document = make_document(filename="Ṋetshambiḓi.pdf")
    response = client.get(f"/documents/{document.uuid}/")
    assert response.status_code == 200
    assert _body(response).startswith(b"%PDF-")


def test_the_address_survives_three_replacements_and_a_new_name(client: Client) -> None:
    document = make_document(filename="draft.pdf")
    address = document.url
    for number in (1, 2, 3):
        document.file = ContentFile(pdf_bytes(number), f"version-{number}.pdf")
        document.save()
    fresh = CustomDocument.objects.get(pk=document.pk)
    assert (fresh.url, fresh.pages, fresh.filename) == (address, 3, "version-3.pdf")
    assert _body(client.get(address)) == pdf_bytes(3)


def test_a_replacement_in_the_admin_keeps_the_address(client: Client) -> None:
    document = make_document(filename="draft.pdf")
    data = {"title": "Final", "kind": "report", "language": "en", "licence": Licence.OWN, "description": "", "tags": ""}
    file = SimpleUploadedFile("final.pdf", pdf_bytes(2), "application/pdf")
    _as_admin().post(reverse("wagtaildocs:edit", args=[document.pk]), data | {"file": file})
    fresh = CustomDocument.objects.get(pk=document.pk)
    assert (fresh.title, fresh.url, fresh.pages) == ("Final", document.url, 2)
    assert _body(client.get(document.url)) == pdf_bytes(2)


def test_a_file_name_in_the_address_is_for_people(client: Client) -> None:
    document = make_document(filename="Ṋetshambiḓi.pdf")
    assert client.get(f"{document.url}{document.filename}").status_code == 200


@pytest.mark.parametrize("name", ["old.pdf", "x.html", "x.json"])
def test_another_file_name_leads_to_the_stable_address(client: Client, name: str) -> None:
    document = make_document()
    response = client.get(f"{document.url}{name}")
    assert (response.status_code, response.headers["Location"]) == (302, document.url)


def test_wagtails_own_address_leads_those_who_may_choose_the_document_to_ours() -> None:
    """Fails if the view answers 404 to everybody."""
    document = make_document()
    response = _as_admin().get(reverse("wagtaildocs_serve", args=[document.pk, document.filename]))
    assert (response.status_code, response.headers["Location"]) == (302, document.url)
    assert "private" in response.headers["Cache-Control"]


@pytest.mark.parametrize("private", [False, True])
def test_counting_finds_no_document_even_by_its_right_name(client: Client, private: bool) -> None:
    """Fails if the view asks nobody who they are: the unguessable address is all that protects what a draft uses."""
    document = make_document(**{"collection": make_private_collection()} if private else {})
    response = client.get(reverse("wagtaildocs_serve", args=[document.pk, document.filename]))
    assert (response.status_code, str(document.uuid) in response.content.decode()) == (404, False)


def test_another_organisations_document_is_not_found_by_counting_either() -> None:
    """Fails if it is enough to be logged in."""
    mine, theirs = make_organisation(), make_organisation()
    document = make_document(collection=theirs.collection)
    client = Client()
    client.force_login(make_editor(mine))
    assert client.get(reverse("wagtaildocs_serve", args=[document.pk, document.filename])).status_code == 404


def test_counting_with_a_wrong_name_finds_nothing() -> None:
    """Fails if the name is not compared."""
    assert _as_admin().get(f"/documents/{make_document().pk}/x").status_code == 404


def test_a_document_whose_file_is_lost_is_not_found_and_one_line_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Fails if the storage's error is let through, and if the log names the file or the title."""
    document = make_document(title="Ana Kovač's letter", filename="ana.pdf")
    Path(document.file.path).unlink()
    assert client.get(document.url).status_code == 404
    lines = [record.getMessage() for record in caplog.records if record.name == "cms.document_views"]
    assert lines == [f"The file of document {document.pk} is missing"]


def test_a_document_that_names_no_file_is_not_found(client: Client) -> None:
    """Fails if only the lost file is thought of."""
    document = make_document()
    CustomDocument.objects.filter(pk=document.pk).update(file="")
    assert client.get(document.url).status_code == 404


@pytest.mark.parametrize(
    "path", ["/documents/6f1c0b0e-0000-4000-8000-000000000001/", "/documents/99/a.pdf", "/documents/"]
)
def test_an_unknown_document_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_number_beyond_the_columns_type_is_not_found(client: Client) -> None:
    assert client.get(f"/documents/{'9' * 40}/a.pdf").status_code == 404


def test_an_unchanged_document_is_not_sent_again(client: Client) -> None:
    document = make_document()
    etag = client.get(document.url).headers["ETag"]
    assert client.get(document.url, headers={"If-None-Match": etag}).status_code == 304


def test_the_facts_of_a_file_are_kept() -> None:
    document = make_document(content=pdf_bytes(7))
    assert (document.pages, document.media_type, len(document.sha256)) == (7, "application/pdf", 64)
    assert document.file_size == len(pdf_bytes(7))


# Private collections


def test_a_document_of_a_private_collection_asks_for_the_password(client: Client) -> None:
    document = make_document(collection=make_private_collection(password="open sesame"))
    assert "password" in client.get(document.url).content.decode().lower()
    restriction = document.collection.view_restrictions.get()
    url = reverse("wagtaildocs_authenticate_with_password", args=[restriction.pk])
    response = client.post(url, {"password": "open sesame", "return_url": document.url})
    assert response.headers["Location"] == document.url
    assert _body(client.get(document.url)).startswith(b"%PDF-")


def test_a_document_of_a_private_collection_is_not_served_under_a_name_either(client: Client) -> None:
    document = make_document(collection=make_private_collection())
    assert not getattr(client.get(f"{document.url}{document.filename}"), "streaming", False)


# Headers


@pytest.mark.parametrize("extension", ["docx", "csv", "txt"])
def test_anything_but_pdf_is_saved_to_disk_and_runs_nothing(client: Client, extension: str) -> None:
    content = office_bytes("docx") if extension == "docx" else b"plain words"
    document = make_document(filename=f"a.{extension}", content=content)
    headers = client.get(document.url).headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"].startswith("sandbox")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"] == MEDIA_TYPES[extension]


def test_a_pdf_opens_in_the_browser_and_loads_nothing(client: Client) -> None:
    headers = client.get(make_document().url).headers
    assert headers["Content-Disposition"].startswith("inline")
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["old.json", "old.jsonld", "old.html", "old.svg", "old"])
def test_a_file_from_before_these_rules_is_served_as_bytes(client: Client, name: str) -> None:
    document = make_document()
    stored = document.file.storage.save(f"{document.uuid}/0/{name}", ContentFile(ACTOR))
    CustomDocument.objects.filter(pk=document.pk).update(file=stored)
    headers = client.get(document.url, headers={"Accept": "application/activity+json"}).headers
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"].startswith("attachment")


# Uploads


@pytest.mark.parametrize(
    ("name", "content"), [("a.json", ACTOR), ("a.jsonld", ACTOR), ("a.html", HTML), ("a.svg", SVG)]
)
def test_an_active_upload_is_refused_in_the_admin(name: str, content: bytes) -> None:
    response = _upload(_as_admin(), name, content)
    assert "cannot be offered" in str(response.context["form"].errors["file"])
    assert not CustomDocument.objects.exists()


@pytest.mark.parametrize("content", [ACTOR, HTML, SVG], ids=["json", "html", "svg"])
@pytest.mark.parametrize("name", ["report.pdf", "report.docx", "data.csv", "notes.txt"])
def test_an_active_upload_that_pretends_is_refused_in_the_admin(name: str, content: bytes) -> None:
    response = _upload(_as_admin(), name, content)
    assert "although its name says so" in str(response.context["form"].errors["file"])
    assert not CustomDocument.objects.exists()


def test_an_honest_upload_is_accepted_in_the_admin() -> None:
    _upload(_as_admin(), "report.pdf", pdf_bytes(2))
    assert CustomDocument.objects.get().pages == 2


def test_several_uploads_at_once_are_looked_into_as_well() -> None:
    response = _as_admin().post(
        reverse("wagtaildocs:add_multiple"),
        {"title": "a", "files[]": SimpleUploadedFile("report.pdf", ACTOR, "application/pdf")},
    )
    assert response.json()["success"] is False


def test_the_second_step_of_several_uploads_gets_the_facts_too() -> None:
    client = _as_admin()
    file = SimpleUploadedFile("report.pdf", pdf_bytes(2), "application/pdf")
    first = client.post(reverse("wagtaildocs:add_multiple"), {"title": "a", "files[]": file}).json()
    number = first["uploaded_file_id"]
    data = {
        "title": "Report",
        "kind": "report",
        "language": "en",
        "licence": Licence.OWN,
        "description": "",
        "tags": "",
    }
    client.post(
        reverse("wagtaildocs:create_multiple_from_uploaded_document", args=[number]),
        {f"uploaded-document-{number}-{name}": value for name, value in data.items()},
    )
    document = CustomDocument.objects.get()
    assert (document.pages, document.media_type, len(document.sha256)) == (2, "application/pdf", 64)


def test_an_import_cannot_bring_in_what_the_admin_refuses() -> None:
    with pytest.raises(ValidationError):
        make_document(filename="report.pdf", content=ACTOR)


def test_a_refused_file_that_was_stored_already_is_removed() -> None:
    document = CustomDocument(title="x", licence=Licence.OWN)
    document.file.save("report.pdf", ContentFile(ACTOR), save=False)
    path = Path(document.file.path)
    with pytest.raises(ValidationError):
        document.save()
    assert not path.exists()


# Where files lie


def test_documents_lie_outside_of_the_media_folder() -> None:
    document = make_document()
    assert Path(document.file.path).is_relative_to(documents_root())
    assert not documents_root().is_relative_to(Path(settings.MEDIA_ROOT).resolve())


@pytest.mark.parametrize(
    "prefix", ["/media/documents/", "/media/images/../documents/", "/media/images/../../documents/"]
)
def test_no_path_leads_to_a_document(client: Client, prefix: str) -> None:
    assert client.get(f"{prefix}{make_document().file.name}").status_code == 404


def test_a_document_needs_a_licence() -> None:
    with pytest.raises(ValidationError, match="licence"):
        CustomDocument(title="x", file=ContentFile(pdf_bytes(1), "a.pdf")).full_clean()
