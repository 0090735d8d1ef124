"""The organisation's profile in the editor: one tab, and a preview that shows it as other servers do."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from cms.models import OrganisationPage, PinnedPage, ProfileField
from cms.profiles import as_publisher
from federation.actors import document
from federation.actors.local import delete_actor, find_by_key
from federation.contract import NullDesk, ShownProfile
from federation.desk import FederationDesk
from federation.models import Activity, Follower, LocalActor, ProfileLink
from federation.outbox import reconcile
from federation.vocab.shown_profile import show_profile
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, publish
from tests.factories.cms_people import make_admin, make_editor
from tests.factories.documents import make_actor
from tests.factories.inbound import remote_actor
from tests.factories.outbox import NOW
from tests.factories.publications import CHANGED, make_picture
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def organisation() -> OrganisationPage:
    page = make_organisation("Aspen Watch", handle="aspen", summary="We plant.\n\nAnd <watch>.")
    page.profile_fields.add(ProfileField(label="Since", value="1998"))
    page = publish(page, website="https://aspen.example/")
    _look()
    return page


def _look() -> None:
    while reconcile.drain(NOW):
        pass


def _actor(page: OrganisationPage) -> LocalActor:
    found = find_by_key(page.publisher_key)
    assert found is not None
    return found


def _shown(page: OrganisationPage) -> ShownProfile:
    found = FederationDesk().show_profile(as_publisher(page))
    assert found is not None
    return found


def _preview(page: OrganisationPage, mode: str = "profile") -> str:
    """The preview of what is in the editor, which need not be saved."""
    answer: Any = page.make_preview_request(preview_mode=mode)
    assert answer.status_code == 200
    return str(answer.content.decode())


def _words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_what_is_shown_is_what_the_document_says(organisation: OrganisationPage) -> None:
    """The stored one, which everybody gets, and the one of the preview are shown alike. Fails if the preview is made
    from the page."""
    stored = json.loads(bytes(_actor(organisation).document))
    assert _shown(organisation) == show_profile(stored, confirmed=(), pinned=(), followers=0)


def test_the_preview_is_of_what_is_typed_and_changes_nothing(organisation: OrganisationPage) -> None:
    """Fails if it shows what is published, or makes the profile what is typed."""
    organisation.title, organisation.summary, organisation.handle = "Aspen & Birch", "We plant more.", "aspen_birch"
    organisation.profile_fields.add(ProfileField(label="Chat", value="https://chat.example/aspen"))
    organisation.approves_followers = True
    text = _words(_preview(organisation))
    for word in ("Aspen & Birch", "We plant more.", "@aspen_birch @hub.example", "Chat", "approves followers"):
        assert word in text
    actor = _actor(organisation)
    assert (actor.handle, actor.name, Activity.objects.count()) == ("aspen", "Aspen Watch", 0)


def test_strangers_html_would_be_cleaned_as_their_servers_do() -> None:
    """Fails if the preview shows more than a server keeps."""
    shown = show_profile(make_actor() | {"summary": "<p>a<script>b</script></p>"}, confirmed=(), pinned=(), followers=0)
    assert shown.bio == "<p>a</p>"


def test_an_address_that_is_confirmed_has_a_check_mark(organisation: OrganisationPage) -> None:
    def marked() -> list[tuple[str, bool]]:
        return [(line.label, line.confirmed) for line in _shown(organisation).lines]

    assert marked() == [("Website", False), ("Since", False)]
    ProfileLink.objects.update(state="confirmed")
    assert marked() == [("Website", True), ("Since", False)]
    assert "Checked:" in _preview(organisation)
    ProfileLink.objects.update(page="https://hub.example/elsewhere/")
    assert marked() == [("Website", False), ("Since", False)], "confirmed for another page"


def test_the_pinned_pages_of_the_editor_are_shown_by_title(organisation: OrganisationPage) -> None:
    _one, two = (make_news(organisation, title=title, share=True) for title in ("One", "Two"))
    _look()
    assert sorted(_shown(organisation).pinned) == ["One", "Two"]
    organisation.pinned_pages.add(PinnedPage(target=two))
    assert _shown(organisation).pinned == ("Two",)
    make_private(two)
    assert _shown(organisation).pinned == ("One",)


def test_pictures_and_followers_are_shown(organisation: OrganisationPage) -> None:
    organisation.logo = make_image(description="A leaf")
    Follower.objects.create(actor=_actor(organisation), remote=remote_actor())
    shown = _shown(organisation)
    assert shown.avatar is not None
    assert (shown.avatar.alt, shown.header, shown.followers) == ("A leaf", None, 1)
    assert shown.avatar.url in _preview(organisation)


def test_a_picture_that_other_servers_do_not_load_is_not_shown() -> None:
    drawn = make_actor(avatar=make_picture(media_type="image/svg+xml"))
    assert show_profile(drawn, confirmed=(), pinned=(), followers=0).avatar is None


def test_an_organisation_that_was_never_saved_has_a_preview() -> None:
    """With the handle that it would get, as the editor asks for it. Fails if it must exist first."""
    before, client = LocalActor.objects.count(), _client(make_admin())
    fields = {"title": "Ėglė Partner", "slug": "egle", "summary": "New here.", "kind": "cso", "handle": ""}
    rows = {name: inline_formset([]) for name in ("profile_fields", "pinned_pages", "comments")}
    data = nested_form_data(fields | rows | {"default_form": "article", "body": streamfield([])})
    address = reverse("wagtailadmin_pages:preview_on_add", args=["cms", "organisationpage", home_page().pk])
    assert client.post(address, data).json()["is_valid"]
    text = _words(client.get(address, {"mode": "profile"}).content.decode())
    assert "Ėglė Partner" in text
    assert "@egle_partner @hub.example" in text
    assert "Nothing yet" in text
    assert LocalActor.objects.count() == before


def test_a_profile_that_is_gone_is_shown_to_nobody(organisation: OrganisationPage) -> None:
    delete_actor(_actor(organisation), NOW)
    assert FederationDesk().show_profile(as_publisher(organisation)) is None
    assert "Nobody sees a profile" in _preview(organisation)


def test_without_federation_there_is_nothing_to_show(organisation: OrganisationPage) -> None:
    assert NullDesk().show_profile(as_publisher(organisation)) is None


def test_the_sketch_never_shows_a_key(organisation: OrganisationPage) -> None:
    sketched = document.sketch_document(_actor(organisation), as_publisher(organisation), CHANGED)
    assert (sketched["publicKey"]["publicKeyPem"], sketched["assertionMethod"]) == ("", [])


def test_the_page_itself_still_has_its_preview(organisation: OrganisationPage) -> None:
    assert 'class="organisation"' in _preview(organisation, "")


def test_the_preview_asks_nobody_else(organisation: OrganisationPage) -> None:
    """No script, no style of its own, nothing from another host: the lines are links, which nobody follows unasked."""
    html = _preview(organisation)
    assert not re.findall(r"<script|<style| style=|<iframe", html)
    loaded = re.findall(r'(?:src|<link[^>]*href)="([^"]*)"', html)
    assert loaded
    assert all(address.startswith(("/static/", "https://hub.example/")) for address in loaded)


# In the editor.


def _client(user: Any) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


@pytest.mark.parametrize("who", ["editor", "administrator"])
def test_the_profile_is_one_tab_of_the_editor(organisation: OrganisationPage, who: str) -> None:
    user = make_admin() if who == "administrator" else make_editor(organisation)
    html = _client(user).get(reverse("wagtailadmin_pages:edit", args=[organisation.pk])).content.decode()
    assert re.findall(r'id="tab-label-(\w+)"', html) == ["content", "profile", "settings"]
    profile = html[html.index('id="tab-profile"') : html.index('id="tab-settings"')]
    for name in ("summary", "logo", "header", "website", "handle", "discoverable", "approves_followers"):
        assert f'name="{name}"' in profile
    assert all(f'name="{part}-TOTAL_FORMS"' in profile for part in ("profile_fields", "pinned_pages"))


def test_every_field_of_the_model_has_its_place(organisation: OrganisationPage) -> None:
    """Fails if a field fell out of the form when it was cut into tabs."""
    form = organisation.get_edit_handler().get_form_class()
    own = {field.name for field in OrganisationPage._meta.local_fields} - {"page_ptr", "collection", "editors"}
    promoted = {"slug", "seo_title", "search_description", "show_in_menus", "go_live_at", "expire_at", "title"}
    assert own | promoted <= set(form.base_fields)
    assert set(form.formsets) == {"profile_fields", "pinned_pages", "comments"}


def test_a_neighbour_cannot_preview_it(organisation: OrganisationPage) -> None:
    client = _client(make_editor(make_organisation("Birch Forum")))
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[organisation.pk])
    assert client.get(address, {"mode": "profile"}).status_code == 404
    assert Page.objects.filter(pk=organisation.pk).exists()
