"""Previews of what others will show: what they say of the page as a whole, what they leave out, and who may see them.
That they show what goes out is in ``test_preview_is_what_arrives``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page
from wagtail.users.models import UserProfile

from cms.models import Attachment, NewsPage, OrganisationPage
from cms.previews import DRAWINGS, REMARKS, modes
from federation.contract import Remark
from federation.models import LedgerEntry, LocalActor
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_section
from tests.factories.cms_people import make_editor
from tests.factories.full_forms import OWN_FIELDS, AtWork
from tests.factories.html_pages import is_ours, loaded_addresses

pytestmark = pytest.mark.django_db
NOT_SHARED = "This page is not shared. If it were, this is what would go out."
HIDDEN = "Not everybody may read this page, so nothing goes out."


@pytest.fixture
def organisation() -> OrganisationPage:
    made = make_organisation("Partner for Water")
    made.logo = make_image(collection=made.collection)
    made.save()
    return made


def _shown(page: Page, mode: str = "mastodon") -> BeautifulSoup:
    answer = page.make_preview_request(preview_mode=mode)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def _announced(soup: BeautifulSoup) -> str:
    return " ".join(tag.text for tag in soup.find_all(class_="announcement"))


def test_every_mode_has_a_drawing_and_every_remark_a_sentence() -> None:
    assert [name for name, _label in modes()] == list(DRAWINGS)
    assert set(REMARKS) == set(Remark)


@pytest.mark.parametrize("model", OWN_FIELDS, ids=lambda model: model.__name__)
def test_every_type_of_page_offers_itself_first_and_then_what_others_show(model: type[Page], settings: Any) -> None:
    """Without federation nothing goes out, and nothing is offered."""
    offered = [str(label) for _name, label in model().preview_modes]
    assert offered == ["On our site", "On Mastodon", "In a full-text reader", "On GoToSocial"]
    settings.CMS = {}
    assert model().preview_modes == [("", "On our site")]


def test_without_federation_the_page_itself_is_shown_whatever_is_asked(
    organisation: OrganisationPage, settings: Any
) -> None:
    settings.CMS = {}
    assert "Technical details" not in _shown(make_news(organisation)).text


def test_a_mode_that_does_not_exist_shows_the_page_itself(organisation: OrganisationPage) -> None:
    assert "Technical details" not in _shown(make_news(organisation), "pigeon").text


def test_a_preview_leaves_no_trace(organisation: OrganisationPage) -> None:
    """Fails if a profile or an entry is made for it."""
    at_work = AtWork(organisation, NewsPage)
    at_work.writes(at_work.form())
    for mode in DRAWINGS:
        at_work.sees(mode)
    assert not LedgerEntry.objects.exists()
    assert not LocalActor.objects.exists()
    assert not NewsPage.objects.exists()


@pytest.mark.parametrize("choices", [{"share": None}, {"audience": "site"}], ids=["not shared", "this site only"])
def test_a_page_that_is_not_shared_says_so_and_shows_what_would_go_out(
    organisation: OrganisationPage, choices: dict[str, Any]
) -> None:
    at_work = AtWork(organisation, NewsPage)
    at_work.writes(at_work.form(**choices))
    soup = BeautifulSoup(at_work.sees("mastodon"), "html.parser")
    assert (_announced(soup), 'Wells & "rights"' in soup.text) == (NOT_SHARED, True)


def test_an_alias_is_not_shared_by_its_own(organisation: OrganisationPage) -> None:
    page = make_news(organisation, share=True)
    alias = page.create_alias(parent=make_section(organisation), update_slug="again")
    assert _announced(_shown(alias)) == NOT_SHARED


def _private(page: NewsPage) -> None:
    make_private(page)


def _private_section(page: NewsPage) -> None:
    section = make_section(page.organisation)
    make_private(section)
    page.move(section, pos="last-child")


def _hidden_organisation(page: NewsPage) -> None:
    page.organisation.unpublish()  # type: ignore[union-attr]


@pytest.mark.parametrize("hide", [_private, _private_section, _hidden_organisation])
def test_a_page_that_not_everybody_may_read_says_that_nothing_goes_out(
    organisation: OrganisationPage, hide: Any
) -> None:
    page = make_news(organisation, share=True)
    assert _announced(_shown(page)) == ""
    hide(page)
    assert HIDDEN in _announced(_shown(NewsPage.objects.get(pk=page.pk)))


def test_a_page_that_waits_says_when_it_goes_out_and_is_taken_back(organisation: OrganisationPage) -> None:
    at_work = AtWork(organisation, NewsPage)
    at_work.writes(at_work.form(go_live_at="2099-05-01 10:00", expire_at="2099-06-01 10:00"))
    announced = _announced(BeautifulSoup(at_work.sees("reader"), "html.parser"))
    assert announced == "Goes out on 1 May 2099, 10:00 (UTC). Is taken back on 1 Jun 2099, 10:00 (UTC)."


def test_a_version_that_was_scheduled_shows_what_will_go_out_and_when(organisation: OrganisationPage) -> None:
    """In the editor's own time. Fails if the site's is told for it."""
    page = make_news(organisation, title="As it is", share=True)
    page.title, page.go_live_at = "As it will be", datetime(2099, 5, 1, 10, tzinfo=UTC)
    revision = page.save_revision(approved_go_live_at=page.go_live_at)
    revision.publish()
    user = make_editor(organisation)
    UserProfile.objects.update_or_create(user=user, defaults={"current_time_zone": "Europe/Riga"})
    client = Client()
    client.force_login(user)
    url = reverse("wagtailadmin_pages:revisions_view", args=[page.pk, revision.pk])
    soup = BeautifulSoup(client.get(url, {"mode": "mastodon"}).content, "html.parser")
    assert _announced(soup) == "Goes out on 1 May 2099, 13:00 (EEST)."
    assert ("As it will be" in soup.text, "As it is" in soup.text) == (True, False)


def test_a_page_whose_time_has_come_is_not_announced(organisation: OrganisationPage) -> None:
    page = make_news(organisation, share=True, go_live_at=timezone.now() - timedelta(days=1))
    assert _announced(_shown(page)) == ""


@pytest.mark.parametrize("mode", DRAWINGS)
def test_what_not_everybody_may_see_is_not_in_the_preview_either(organisation: OrganisationPage, mode: str) -> None:
    """A picture and a document of a private collection. Fails if files are shown that readers do not get."""
    secret = make_private_collection()
    image, paper = make_image(collection=secret, description="Secret face"), make_document(collection=secret)
    page = make_news(organisation, share=True, showing="photos", lead_image=image)
    page.attachments = [Attachment(document=paper)]
    text = str(_shown(page, mode))
    assert ("Secret face" in text, str(paper.uuid) in text, paper.title in text) == (False, False, False)


@pytest.mark.parametrize("mode", DRAWINGS)
def test_a_preview_asks_nobody_else_for_anything(organisation: OrganisationPage, mode: str) -> None:
    at_work = AtWork(organisation, NewsPage)
    at_work.writes(at_work.form(showing="photos"))
    found = loaded_addresses(BeautifulSoup(at_work.sees(mode), "html.parser"))
    assert found
    assert [address for address in found if not is_ours(address)] == []


def test_a_preview_runs_nothing_and_styles_nothing_by_itself(organisation: OrganisationPage) -> None:
    """Also with a title that would break out of the technical details. Fails if the document is not escaped."""
    page = make_news(organisation, title="</pre><script>alert(1)</script>", share=True)
    soup = _shown(page)
    assert soup.find_all(["script", "style"]) == []
    assert soup.find_all(style=True) == []
    assert "</pre><script>" in soup.pre.text  # type: ignore[union-attr]


def test_a_quiet_page_is_marked(organisation: OrganisationPage) -> None:
    signs = {
        audience: [str(tag["aria-label"]) for tag in _shown(page).find_all("svg", attrs={"aria-label": True})]
        for audience in ("public", "quiet")
        for page in [make_news(organisation, share=True, audience=audience)]
    }
    assert signs == {"public": ["Public"], "quiet": ["Quiet public"]}


def test_pictures_behind_a_content_note_are_covered(organisation: OrganisationPage) -> None:
    image = make_image(collection=organisation.collection)
    page = make_news(organisation, share=True, showing="photos", lead_image=image, content_note="Violence")
    cover = _shown(page).find("details", class_="cover")
    assert cover is not None
    assert cover.find("img") is not None


def test_a_neighbours_page_is_previewed_by_nobody_else(organisation: OrganisationPage) -> None:
    page = make_news(organisation, title="Draft of ours", live=False)
    other = Client()
    other.force_login(make_editor(make_organisation()))
    urls = [
        reverse("wagtailadmin_pages:view_draft", args=[page.pk]),
        reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk]),
        reverse("wagtailadmin_pages:preview_on_add", args=["cms", "newspage", organisation.pk]),
    ]
    answers = [client.get(url, {"mode": "mastodon"}) for client in (other, Client()) for url in urls]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 302, 302, 302]
    assert not any(b"Draft of ours" in answer.content for answer in answers)


def test_a_page_outside_of_every_organisation_says_so() -> None:
    """The form makes none, but a program may."""
    page = home_page().add_child(instance=NewsPage(title="Stray", share=True))
    assert _announced(_shown(page)) == "This page belongs to no organisation, so nothing goes out."
