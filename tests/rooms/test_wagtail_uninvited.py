"""What no editor asked for is not said, and what pages merely use is said with them: over HTTP, to a real server."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from wagtail.models import Page

from cms.models import Attachment, CustomDocument, CustomImage, NewsPage, OrganisationPage
from cms.models.report import Participant
from federation.models import Instance, LedgerEntry, PublishedObject, Wake
from federation.outbox import ledger
from federation.outbox.sweep import sweep
from tests.factories.cms_media import make_document, make_image, pdf_bytes, png_bytes
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_report, make_section, publish
from tests.factories.delivery import sink
from tests.factories.hearing import Reader, settle
from tests.factories.made_once import afresh, made_once

pytestmark = pytest.mark.django_db
OLD_PAGES = 1000 if os.environ.get("COMMONWIRE_SOAK") == "1" else 60
AS2 = {"accept": "application/activity+json"}


@dataclass
class Site:
    """``page`` shows the image, offers the document and points to ``target``; ``report`` names the other
    organisation. All three are out."""

    reader: Reader
    partner: OrganisationPage
    other: OrganisationPage
    image: CustomImage
    document: CustomDocument
    page: NewsPage
    target: NewsPage
    report: Any

    def read(self, page: Page) -> dict[str, Any]:
        """Its object, as anybody may fetch it now."""
        uri = PublishedObject.objects.get(key=f"page:{page.pk}", withdrawn_at=None).uri
        return Client().get(uri.removeprefix("https://hub.example"), headers=AS2).json()


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    with made_once(django_db_blocker), sink() as server:
        reader = Reader(server)
        partner, other = make_organisation("Partner"), make_organisation("Other", country="LV")
        reader.follows("partner", partner)
        reader.follows("other", other)
        image, document = make_image(), make_document()
        target = publish(make_news(make_section(other), title="Target", share=True))
        body = [
            ("figure", {"image": image, "caption": "At the table"}),
            ("paragraph", f'<p><a linktype="page" id="{target.pk}">see target</a></p>'),
        ]
        page = publish(make_news(partner, body=body, attachments=[Attachment(document=document)], share=True))
        report = publish(make_report(partner, participant_rows=[Participant(chosen=other)], share=True))
        for word, known in (("page", page), ("target", target), ("report", report)):
            reader.knows(word, known)
        assert len(reader.hears()) == 3
        yield Site(reader, partner, other, image, document, page, target, report)


@pytest.fixture
def site(made: Site) -> Site:
    return afresh(made)


# What pages use.


def _replace_picture(site: Site) -> None:
    """By another one of the same size."""
    site.image.file = ContentFile(png_bytes(colour="red"), "another.png")
    site.image.save()
    site.image.renditions.all().delete()


def _replace_document(site: Site) -> None:
    site.document.file = ContentFile(pdf_bytes(pages=9), "second-edition.pdf")
    site.document.save()


def _set(name: str, **values: Any) -> Callable[[Site], None]:
    def change(site: Site) -> None:
        thing = getattr(site, name)
        type(thing).objects.filter(pk=thing.pk).update(**values)

    return change


USED: dict[str, tuple[Callable[[Site], Any], list[str]]] = {
    "alternative text": (_set("image", description="Four people"), ["Update page 1"]),
    "credit": (_set("image", credit="Somebody else"), ["Update page 1"]),
    "another picture": (_replace_picture, ["Update page 1"]),
    "another document": (_replace_document, ["Update page 1"]),
    "title of a document": (_set("document", title="Final"), ["Update page 1"]),
    "picture deleted": (lambda site: site.image.delete(), ["Update page 1"]),
    "name of an organisation": (
        lambda site: publish(site.other, title="Another"),
        ["Update other", "Update report 1"],
    ),
    "country of an organisation, by a command": (_set("other", country="HU"), ["Update report 1"]),
    "new address of what is linked": (
        lambda site: publish(site.target, slug="new"),
        ["Update page 1", "Update target 1"],
    ),
    "what is linked becomes private": (
        lambda site: make_private(site.target.get_parent()),
        ["Delete target 1 by other", "Update page 1"],
    ),
    "what is linked is deleted": (lambda site: site.target.delete(), ["Delete target 1 by other", "Update page 1"]),
    "unseen column of a picture": (_set("image", title="For the library only"), []),
}


@pytest.mark.parametrize("name", USED)
def test_pages_are_told_anew_after_a_change_of_what_they_use(name: str, site: Site) -> None:
    """Fails for “another picture” if a picture's original does not count, for the country if a type's own row wakes
    only its page, for the last two links if a subtree, or a deletion, wakes nobody outside."""
    act, expected = USED[name]
    act(site)
    assert sorted(site.reader.hears()) == expected
    assert site.reader.hears() == []


def test_the_address_of_what_became_private_is_not_left_in_what_points_there(site: Site) -> None:
    assert "/target/" in json.dumps(site.read(site.page))
    make_private(site.target.get_parent())
    settle()
    assert "/target/" not in json.dumps(site.read(site.page))


# What nobody asked for.


def test_an_import_of_old_pages_says_nothing(site: Site) -> None:
    """A thousand with ``COMMONWIRE_SOAK=1``, some as a command adds them, the others row by row. Fails if pages are
    shared by default."""
    section = make_section(site.partner)
    first, *_ = [make_news(section, title=f"Old {number}") for number in range(10)]
    _multiply(first, OLD_PAGES - 10)
    assert Wake.objects.count() >= OLD_PAGES
    assert site.reader.hears() == []
    assert not LedgerEntry.objects.filter(waiting_since__isnull=False).exists()
    assert sweep(timezone.now()).untold == []


def test_publishing_what_was_imported_says_nothing(site: Site) -> None:
    imported = make_news(site.partner)
    assert site.reader.hears() == []
    publish(imported, title="Corrected")
    assert site.reader.hears() == []


def test_a_new_builder_makes_all_bytes_anew_and_says_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if the fingerprint is of the bytes."""
    good = ledger.build_object
    monkeypatch.setattr(ledger, "build_object", lambda *args, **kwargs: {**good(*args, **kwargs), "newMember": 1})
    monkeypatch.setattr(ledger, "BUILDER_VERSION", ledger.BUILDER_VERSION + 1)
    assert len(sweep(timezone.now()).rebuilt) == 3
    assert site.read(site.page)["newMember"] == 1
    assert site.reader.hears() == []


def test_a_new_builder_says_nothing_when_a_page_is_saved_as_it_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    good = ledger.build_object
    monkeypatch.setattr(ledger, "build_object", lambda *args, **kwargs: {**good(*args, **kwargs), "newMember": 1})
    publish(site.page)
    assert site.reader.hears() == []
    assert site.read(site.page)["newMember"] == 1


def test_new_templates_say_nothing(site: Site, settings: Any, tmp_path: Path) -> None:
    """Every template of the site is another one. Fails if a text for readers elsewhere is made by a template."""
    for path in Path(settings.BASE_DIR / "templates").rglob("*.html"):
        other = tmp_path / path.relative_to(settings.BASE_DIR / "templates")
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text("A new design")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    assert Client().get(site.page.url).content == b"A new design"
    found = sweep(timezone.now())
    assert (found.differs, found.rebuilt) == ([], [])
    publish(site.page)
    assert site.reader.hears() == []


def test_a_cloned_database_says_nothing_until_somebody_confirms(site: Site) -> None:
    """Fails if the pump does not ask whether it may speak."""
    Instance.objects.update(database="another/1")
    publish(site.page, title="Changed in the copy")
    site.report.unpublish()
    assert site.reader.hears() == []
    sweep(timezone.now())
    assert site.reader.hears() == []
    call_command("federation", "confirm")
    assert sorted(site.reader.hears()) == ["Delete report 1 by partner", "Update page 1"]


def _multiply(page: NewsPage, count: int) -> None:
    """Copies of the page's rows under the same parent, by SQL."""
    fresh = {
        "path": f"'{page.path[:-4]}' || upper(lpad(to_hex(n + 4096), 4, '0'))",
        "slug": "'copied-' || n",
        "url_path": f"'{page.get_parent().url_path}copied-' || n || '/'",
        "translation_key": "gen_random_uuid()",
    }
    kept = [f.column for f in Page._meta.local_fields if f.column not in {"id", *fresh}]
    own = [f.column for f in NewsPage._meta.local_fields if f.column != "page_ptr_id"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH made AS (INSERT INTO wagtailcore_page ({', '.join([*kept, *fresh])})"
            f" SELECT {', '.join([*kept, *fresh.values()])} FROM wagtailcore_page, generate_series(1, {count}) n"
            f" WHERE id = {page.pk} RETURNING id)"
            f" INSERT INTO cms_newspage (page_ptr_id, {', '.join(own)})"
            f" SELECT made.id, {', '.join(f'old.{column}' for column in own)} FROM made, cms_newspage old"
            f" WHERE old.page_ptr_id = {page.pk}"
        )
