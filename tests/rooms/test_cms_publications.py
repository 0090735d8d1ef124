"""What the site tells federation about its pages and publishers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from wagtail.models import Locale, Page, Site

from cms.keys import page_key
from cms.licences import Licence
from cms.models import (
    AgendaDay,
    Attachment,
    Correction,
    Credit,
    Participant,
    ProfileField,
    SiteSettings,
)
from cms.publications import CmsSource
from federation.contract import Form, Picture, Publication, Showing, Source
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import (
    home_page,
    make_document_page,
    make_news,
    make_organisation,
    make_private,
    make_report,
    make_section,
    publish,
)
from tests.factories.cms_people import make_admin, make_editor, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return CmsSource()


def _publication(page: Page) -> Publication:
    found = CmsSource().publication(page_key(page.pk))
    assert found is not None
    return found


def test_a_publication_carries_what_the_editor_wrote() -> None:
    organisation = make_organisation()
    page = make_news(organisation, title="Launch", summary="It starts.", published_on=date(2021, 3, 1), share=True)
    found = _publication(page)
    assert (found.key, found.publisher, found.kind) == (f"page:{page.pk}", organisation.publisher_key, "news")
    assert (found.title, found.summary, found.language) == ("Launch", "It starts.", "en")
    assert found.dated == datetime(2021, 3, 1, tzinfo=UTC)
    assert found.url == f"https://hub.example/{organisation.slug}/launch/"


def test_what_is_live_is_told_and_never_the_draft() -> None:
    page = publish(make_news(title="As published", share=True))
    page.title = "As drafted"
    page.save_revision()
    assert _publication(page).title == "As published"


def test_what_is_not_public_is_not_told(source: Source) -> None:
    page = make_news(share=True)
    make_private(page.get_parent())
    assert source.publication(page_key(page.pk)) is None


@pytest.mark.parametrize("key", ["page:999999", "page:x", "site", ""])
def test_an_unknown_key_has_no_publication(source: Source, key: str) -> None:
    assert source.publication(key) is None


@pytest.mark.parametrize(
    ("of_page", "of_organisation", "form"),
    [
        ("", "article", Form.ARTICLE),
        ("", "note", Form.NOTE),
        ("note", "article", Form.NOTE),
        ("article", "note", Form.ARTICLE),
    ],
)
def test_the_form_is_the_organisations_unless_the_page_says_otherwise(
    of_page: str, of_organisation: str, form: Form
) -> None:
    page = make_news(make_organisation(default_form=of_organisation), form=of_page, share=True)
    assert _publication(page).form is form


def test_photos_instead_of_a_link_preview_are_the_editors_choice() -> None:
    assert _publication(make_news(showing="photos", share=True)).showing is Showing.PHOTOS


def test_a_picture_travels_with_words_credit_licence_and_focus() -> None:
    image = make_image(
        size=(200, 100),
        credit_url="https://photos.example/1",
        licence=Licence.CC_BY,
        focal_point_x=50,
        focal_point_y=25,
    )
    (picture,) = _publication(make_news(lead_image=image, share=True)).pictures
    assert picture == Picture(
        url=f"https://hub.example{image.get_rendition('max-1600x1600').url}",
        alt=image.description,
        media_type="image/png",
        width=200,
        height=100,
        credit="Ana Kovač",
        licence="CC-BY-4.0",
        focus=(-0.5, 0.5),
        original=image.file.name,
    )


def test_pictures_of_the_text_follow_the_lead_picture_once_each() -> None:
    lead, second = make_image(), make_image()
    figures = [("figure", {"image": image, "caption": ""}) for image in (second, lead)]
    page = make_news(lead_image=lead, body=figures, share=True)
    assert [picture.alt for picture in _publication(page).pictures] == [lead.description, second.description]


def test_an_image_of_a_private_collection_is_never_named() -> None:
    image = make_image(collection=make_private_collection())
    page = make_news(lead_image=image, body=[("figure", {"image": image, "caption": "Behind doors"})], share=True)
    found = _publication(page)
    assert (found.pictures, "Behind doors" in found.content) == ((), False)


def test_an_image_below_a_private_collection_is_never_named() -> None:
    image = make_image(collection=make_private_collection().add_child(name="Inner"))
    assert _publication(make_news(lead_image=image, share=True)).pictures == ()


def test_a_file_has_a_stable_absolute_address_and_its_facts() -> None:
    document = make_document(language="sr")
    page = make_document_page(share=True, attachments=[Attachment(document=document)])
    (file,) = _publication(page).files
    assert (file.url, file.title) == (f"https://hub.example/documents/{document.uuid}/", document.title)
    assert (file.media_type, file.size, file.language, file.pages) == ("application/pdf", document.file_size, "sr", 3)


def test_a_document_of_a_private_collection_is_never_named() -> None:
    document = make_document(collection=make_private_collection())
    text = f'<p><a linktype="document" id="{document.pk}">the minutes</a></p>'
    body = [("documents", {"heading": "Papers", "documents": [document]}), ("paragraph", text)]
    page = make_news(body=body, share=True, attachments=[Attachment(document=document)])
    found = _publication(page)
    assert found.files == ()
    assert str(document.uuid) not in found.content
    assert "the minutes" in found.content


def test_links_in_the_text_are_absolute() -> None:
    target = make_news()
    text = f'<p><a linktype="page" id="{target.pk}">before</a></p>'
    content = _publication(make_news(body=[("paragraph", text)], share=True)).content
    assert f'<a href="https://hub.example{target.url}">before</a>' in content


def test_the_byline_names_authors_with_their_role_then() -> None:
    first = Credit(name="Paulina Fröhlich", role="Head of Programme", affiliation="Das Progressive Zentrum")
    page = make_news(share=True, credits=[first, Credit(name="Vincent Venus")])
    assert _publication(page).byline == "Paulina Fröhlich, Head of Programme, Das Progressive Zentrum; Vincent Venus"


def test_a_report_tells_where_when_and_how_many() -> None:
    page = make_report(attendance="hybrid", participants=40, participants_precision="more", share=True)
    content = _publication(page).content
    assert content.startswith("<p>Belgrade · 30–31 May 2022 · On site and online · more than 40 participants</p>")


def test_a_report_tells_its_agenda_and_who_took_part() -> None:
    partner = make_organisation("NIOK Foundation", country="HU")
    item = {"start": None, "end": None, "title": "Countries", "speakers": "", "text": ""}
    day = AgendaDay(title="First day", date=date(2022, 5, 30), items=[("item", item)])
    row = Participant(chosen=partner, person="Aniko Porkolab", role="representative")
    page = make_report(share=True, agenda_days=[day], participant_rows=[row])
    content = _publication(page).content
    assert "<h2>Agenda</h2><h3>First day · 30 May 2022</h3><p><strong>Countries</strong></p>" in content
    assert "<li>NIOK Foundation (Hungary) – Aniko Porkolab, representative</li>" in content


def test_a_correction_is_told() -> None:
    correction = Correction(date=date(2022, 7, 1), text="More than 40 took part, not 50.")
    page = make_report(share=True, corrections=[correction])
    assert "<li>1 July 2022: More than 40 took part, not 50.</li>" in _publication(page).content


def test_the_words_around_a_text_are_in_the_language_of_the_page() -> None:
    german = Locale.objects.create(language_code="de")
    page = make_report(share=True)
    Page.objects.filter(pk=page.pk).update(locale=german)
    assert re.search(r"30\.?–31\.? Mai 2022", _publication(page).content)


def test_what_reads_the_same_is_equal() -> None:
    page = publish(make_news(share=True))
    before = _publication(page)
    assert _publication(publish(page, seo_title="Only for search engines")) == before


def test_all_public_keys_are_listed(source: Source) -> None:
    shared, _ = make_news(share=True), make_news(share=False)
    assert list(source.public_keys()) == [page_key(shared.pk)]


# Publishers


def test_a_publisher_is_its_organisations_page(source: Source) -> None:
    logo, header = make_image(size=(500, 500)), make_image(size=(1600, 600))
    organisation = make_organisation(
        "Baltic Centre",
        summary="Media & democracy",
        logo=logo,
        header=header,
        website="https://bcme.example/en/",
        profile_fields=[ProfileField(label="Founded", value="2015")],
    )
    found = source.publisher(organisation.publisher_key)
    assert found is not None
    assert (found.handle, found.name, found.summary) == (
        "baltic_centre",
        "Baltic Centre",
        "<p>Media &amp; democracy</p>",
    )
    assert found.avatar is not None
    assert (found.avatar.width, found.avatar.height, found.header is not None) == (400, 400, True)
    assert found.fields == (
        ("Website", '<a href="https://bcme.example/en/" rel="me nofollow noopener">bcme.example/en</a>'),
        ("Founded", "2015"),
    )


def test_the_site_publishes_under_its_own_name(source: Source) -> None:
    settings = SiteSettings.for_site(Site.objects.get(is_default_site=True))
    settings.name, settings.summary = "The hub", "News of the network"
    settings.save()
    found = source.publisher("site")
    assert found is not None
    assert (found.handle, found.name, found.url) == ("news", "The hub", "https://hub.example/")
    assert found.since == settings.since


def test_an_unpublished_publisher_has_no_profile_but_still_exists(source: Source) -> None:
    organisation = make_organisation()
    organisation.unpublish()
    key = organisation.publisher_key
    assert (source.publisher(key), source.publisher_exists(key)) == (None, True)


def test_a_publisher_is_gone_only_when_its_page_is_deleted(source: Source) -> None:
    organisation = make_organisation()
    organisation.delete()
    assert not source.publisher_exists(organisation.publisher_key)


@pytest.mark.parametrize("key", ["organisation:nonsense", "page:1", ""])
def test_an_unknown_publisher_does_not_exist(source: Source, key: str) -> None:
    assert (source.publisher(key), source.publisher_exists(key)) == (None, False)


def test_every_page_below_an_organisation_belongs_to_it(source: Source) -> None:
    organisation = make_organisation()
    pages = [organisation, make_section(organisation), make_news(make_section(organisation), live=False)]
    assert {source.publisher_of(page_key(page.pk)) for page in pages} == {organisation.publisher_key}


def test_the_front_page_belongs_to_the_site_and_is_its_own_page(source: Source) -> None:
    key = page_key(home_page().pk)
    assert (source.publisher_of(key), source.is_publisher(key)) == ("site", "site")


def test_only_an_organisations_own_page_is_a_publisher(source: Source) -> None:
    organisation = make_organisation()
    keys = [page_key(page.pk) for page in (organisation, make_news(organisation))]
    assert [source.is_publisher(key) for key in keys] == [organisation.publisher_key, None]


def test_an_alias_of_an_organisation_is_nobody(source: Source) -> None:
    organisation = make_organisation()
    alias = organisation.create_alias(update_slug="second-address")
    assert source.is_publisher(page_key(alias.pk)) is None
    assert not source.publisher_exists(f"organisation:{alias.translation_key}")
    assert list(source.publisher_keys()) == ["site", organisation.publisher_key]


def test_two_languages_of_an_organisation_are_one_publisher(source: Source) -> None:
    german = Locale.objects.create(language_code="de")
    home_page().copy_for_translation(german)
    organisation = make_organisation()
    translation = organisation.copy_for_translation(german)
    publish(translation)
    assert translation.specific.publisher_key == organisation.publisher_key
    assert list(source.publisher_keys()) == ["site", organisation.publisher_key]


# Addresses and permissions


@pytest.mark.parametrize("ending", ["", "/", "?page=2", "#agenda"])
def test_a_page_is_found_by_its_address_however_it_is_written(source: Source, ending: str) -> None:
    page = make_news(make_organisation("Ēķe"), live=False)
    address = f"https://hub.example{page.url.rstrip('/')}{ending}"
    assert source.url_is_publication(address) == page_key(page.pk)


def test_a_page_is_found_by_the_address_that_it_had(
    source: Source, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    page = make_news()
    before = f"https://hub.example{page.url}"
    with django_capture_on_commit_callbacks(execute=True):
        publish(page, slug="another-name")
    assert source.url_is_publication(before) == page_key(page.pk)


def test_the_address_of_an_organisation_is_its_publisher(source: Source) -> None:
    organisation = make_organisation()
    assert source.url_is_publication(f"https://hub.example{organisation.url}") == organisation.publisher_key


@pytest.mark.parametrize(
    "url", ["https://other.example/", "https://hub.example/nothing/", "nonsense", "http://hub.example/"]
)
def test_an_address_that_is_not_ours_is_no_publication(source: Source, url: str) -> None:
    assert source.url_is_publication(url) is None


def test_an_editor_may_edit_only_the_own_publisher(source: Source) -> None:
    mine, _ = make_organisation(), make_organisation()
    assert source.publishers_editable_by(make_editor(mine)) == {mine.publisher_key}


def test_an_administrator_may_edit_all_publishers(source: Source) -> None:
    assert source.publishers_editable_by(make_admin()) is None


@pytest.mark.parametrize("fields", [{}, {"is_superuser": True, "is_active": False}])
def test_somebody_without_a_group_or_who_left_may_edit_none(source: Source, fields: dict[str, bool]) -> None:
    make_organisation()
    assert source.publishers_editable_by(make_user(**fields)) == set()
