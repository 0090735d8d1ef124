"""Whether the pages that a profile names link back to it: who is asked, when, and what an editor reads. The pages are
real ones, on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import GroupPagePermission

from cms.models import OrganisationPage, ProfileField
from federation.actors.local import delete_actor, find_by_key
from federation.desk import FederationDesk
from federation.models import Activity, LocalActor, ProfileLink, Wake
from federation.outbox import back_links, reconcile, speaking
from federation.outbox.sweep import sweep
from tests.factories import loopback
from tests.factories.cms_pages import make_organisation, make_section, publish
from tests.factories.cms_people import make_editor, make_user
from tests.factories.fake_source import installed
from tests.factories.loopback import client_for
from tests.factories.outbox import NOW, ORG, describe, follow, organisation
from tests.factories.publications import make_publisher
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
PROFILE = make_publisher().url
LATER = NOW + timedelta(days=1)


class Site:
    """A website somewhere. ``pages`` maps paths to what is answered; everything else is 404."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}

    def reply(self, seen: loopback.Seen) -> bytes:
        return self.pages.get(seen.target, loopback.answer(404))

    def show(self, path: str, html: str, **headers: str) -> None:
        self.pages[path] = loopback.answer(200, html.encode(), Content_Type="text/html", **headers)


@pytest.fixture
def site() -> Iterator[tuple[Site, loopback.Peer]]:
    made = Site()
    with loopback.Peer(made.reply) as peer:
        yield made, peer


@pytest.fixture
def actor(settings, monkeypatch: pytest.MonkeyPatch) -> LocalActor:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    installed(settings)
    return organisation()


def _name(*addresses: str) -> None:
    """The profile names these pages as its own."""
    describe(fields=tuple(("Page", f'<a href="{address}" rel="me">x</a>') for address in addresses))


def _look(now: Any = NOW, **limits: float) -> int:
    with client_for(**limits) as client:
        return back_links.look(now, seconds=60, client=client)


def _found() -> list[tuple[str, bool]]:
    return [(link.address.rpartition("/")[2], link.confirmed) for link in FederationDesk().links_back(ORG)]


def _states() -> dict[str, str]:
    return {link.address.rpartition("/")[2]: link.state for link in ProfileLink.objects.all()}


def test_a_page_that_links_back_is_confirmed_and_another_is_not(actor: LocalActor, site: Any) -> None:
    """Fails if any answer counts as a yes."""
    shown, peer = site
    shown.show("/ours", f'<a rel="me" href="{PROFILE}">our profile</a>')
    shown.show("/theirs", f'<a href="{PROFILE}">somebody</a>')
    _name(peer.url("/ours"), peer.url("/theirs"))
    assert _look() == 2
    assert _found() == [("ours", True), ("theirs", False)]
    assert all(link.checked == NOW and not link.waiting for link in FederationDesk().links_back(ORG))


def test_it_is_asked_for_as_a_page_and_unsigned(actor: LocalActor, site: Any) -> None:
    _name(site[1].url("/ours"))
    _look()
    (seen,) = site[1].seen
    assert (seen.method, seen.headers["accept"]) == ("GET", "text/html")
    assert "signature" not in seen.headers


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (loopback.answer(404), "missing"),
        (loopback.answer(410), "missing"),
        (loopback.answer(403), "unreachable"),
        (loopback.answer(503), "unreachable"),
        (loopback.answer(500), "unreachable"),
        (loopback.answer(200, b"x", Content_Encoding="br"), "unreadable"),
        (loopback.answer(200, b"x" * 2_000_000), "unreadable"),
        (loopback.answer(302, Location="gopher://127.0.0.1/"), "unsafe"),
        (b"", "unreachable"),
    ],
)
def test_an_editor_reads_why_a_page_was_not_read(actor: LocalActor, site: Any, answer: bytes, state: str) -> None:
    site[0].pages["/ours"] = answer
    _name(site[1].url("/ours"))
    _look()
    assert _states() == {"ours": state}


def test_an_address_without_https_is_not_asked(actor: LocalActor, site: Any) -> None:
    """With the rules of a real site, where plain http is refused."""
    _name(site[1].url("/ours"))
    back_links.look(NOW, seconds=60)
    assert (_states(), site[1].seen) == ({"ours": "unsafe"}, [])


def test_a_page_of_this_site_is_not_asked(actor: LocalActor) -> None:
    _name("https://hub.example/about")
    _look()
    assert _states() == {"about": "ours"}


def test_a_line_that_changed_is_looked_at_and_the_old_one_forgotten(actor: LocalActor, site: Any) -> None:
    """Fails if only the button leads to a look, or rows of lines that are gone are kept."""
    shown, peer = site
    shown.show("/one", f'<a rel="me" href="{PROFILE}">x</a>')
    _name(peer.url("/one"))
    _look()
    _name(peer.url("/one"), peer.url("/two"))
    assert _states() == {"one": "confirmed", "two": "unknown"}
    assert _look(LATER) == 1
    _name(peer.url("/two"))
    assert _states() == {"two": "missing"}


def test_a_profile_whose_page_moved_has_to_be_linked_to_anew(actor: LocalActor, site: Any) -> None:
    """Fails if what was confirmed for the former address still shows a check mark."""
    site[0].show("/one", f'<a rel="me" href="{PROFILE}">x</a>')
    _name(site[1].url("/one"))
    _look()
    describe(url="https://hub.example/moved/")
    assert _found() == [("one", False)]
    _look(LATER)
    assert _states() == {"one": "silent"}


def test_a_look_whose_profile_moved_meanwhile_says_nothing(
    actor: LocalActor, site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _name(site[1].url("/one"))
    judge = back_links._judge

    def judge_while_it_moves(*given: Any) -> Any:
        ProfileLink.objects.update(page="https://hub.example/moved/")
        return judge(*given)

    monkeypatch.setattr(back_links, "_judge", judge_while_it_moves)
    _look()
    assert _states() == {"one": "unknown"}


def test_what_was_looked_at_rests_until_somebody_asks(actor: LocalActor, site: Any) -> None:
    _name(site[1].url("/one"))
    assert (_look(), _look(LATER)) == (1, 0)
    FederationDesk().look_for_links_back(ORG)
    assert FederationDesk().links_back(ORG)[0].waiting
    assert _look(NOW + timedelta(days=9999)) == 1


def test_nobody_is_asked_while_this_instance_may_not_speak(actor: LocalActor, site: Any) -> None:
    _name(site[1].url("/one"))
    speaking.get_instance()
    speaking.Instance.objects.update(paused=True)
    assert (_look(), site[1].seen) == (0, [])


def test_a_turn_that_is_over_asks_nobody(actor: LocalActor, site: Any) -> None:
    _name(site[1].url("/one"))
    with client_for() as client:
        assert back_links.look(NOW, seconds=-1, client=client) == 0
    assert site[1].seen == []


def test_a_profile_that_is_gone_names_nothing(actor: LocalActor) -> None:
    _name("https://ngo.example/")
    delete_actor(actor, NOW)
    assert FederationDesk().links_back(ORG) == ()
    assert FederationDesk().links_back("organisation:unknown") == ()


def _as_the_former_version_made_it(actor: LocalActor, **changes: Any) -> None:
    document = json.loads(bytes(actor.document))
    document["attachment"][0]["value"] = '<a href="https://hub.example/partner/" rel="me">hub.example</a>'
    mark = actor.fingerprint.partition(":")[2]
    values = {"document": json.dumps(document).encode(), "fingerprint": f"1:{mark}"} | changes
    LocalActor.objects.filter(pk=actor.pk).update(**values)


def test_the_nightly_audit_makes_an_old_profile_anew_and_tells_nobody(actor: LocalActor) -> None:
    """An upgrade spells the links out that Mastodon could not check before. Fails if only the next change does."""
    follow(actor, "https://peer.example/users/fan")
    _as_the_former_version_made_it(actor)
    sweep(NOW)
    actor.refresh_from_db()
    assert "https://</span>" in json.loads(bytes(actor.document))["attachment"][0]["value"]
    assert [link.address for link in FederationDesk().links_back(ORG)] == [PROFILE]
    assert not Activity.objects.exists()


def test_the_nightly_audit_leaves_a_profile_that_has_news(actor: LocalActor) -> None:
    """Fails if a change is noted without being told."""
    follow(actor, "https://peer.example/users/fan")
    _as_the_former_version_made_it(actor, fingerprint="1:other")
    sweep(NOW)
    actor.refresh_from_db()
    assert actor.fingerprint == "1:other"


# In the editor.


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> OrganisationPage:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    made = make_organisation("Aspen Watch", handle="aspen")
    made.profile_fields.add(ProfileField(label="Elsewhere", value="https://social.example/@aspen"))
    made = publish(made, website="https://aspen.example/")
    while reconcile.drain(NOW):
        pass
    return made


def _as(user: Any) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


def test_the_published_page_and_the_profile_name_the_same_pages(page: OrganisationPage) -> None:
    """Both ways: Mastodon reads the field, and whoever checks an account elsewhere reads our page."""
    actor = find_by_key(page.publisher_key)
    assert actor is not None
    html = Client(HTTP_HOST="hub.example").get(f"/{page.slug}/").content.decode()
    links = [link.address for link in FederationDesk().links_back(page.publisher_key)]
    assert links == ["https://aspen.example/", "https://social.example/@aspen"]
    assert all(f'href="{address}" rel="me noopener"' in html for address in links)


def test_the_editor_reads_how_each_address_stands(page: OrganisationPage) -> None:
    ProfileLink.objects.filter(address__contains="aspen.example").update(state="confirmed", checked_at=NOW, due=None)
    text = _as(make_editor(page)).get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert "Links back to your page. Mastodon shows a check mark." in text
    assert "Not looked at yet." in text
    assert "https://social.example/@aspen" in text


def test_the_button_has_them_looked_at_and_waits_for_nobody(page: OrganisationPage) -> None:
    """Fails if the request itself goes out: there is no such host."""
    ProfileLink.objects.update(due=None)
    response = _as(make_editor(page)).post(reverse("cms_links_back", args=[page.pk]))
    assert response["Location"] == f"{reverse('wagtailadmin_pages:edit', args=[page.pk])}#tab-profile"
    assert ProfileLink.objects.filter(due__isnull=False).count() == 2
    assert not ProfileLink.objects.filter(checked_at__isnull=False).exists()


@pytest.mark.parametrize(("who", "status"), [("neighbour", 404), ("stranger", 302)])
def test_nobody_else_has_them_looked_at(page: OrganisationPage, who: str, status: int) -> None:
    ProfileLink.objects.update(due=None)
    client = Client() if who == "stranger" else _as(make_editor(make_organisation("Birch Forum")))
    assert client.post(reverse("cms_links_back", args=[page.pk])).status_code == status
    assert not ProfileLink.objects.filter(due__isnull=False).exists()


def test_whoever_edits_only_a_section_does_not_have_them_looked_at(page: OrganisationPage) -> None:
    """They may see the organisation's page in the explorer. Fails if that is enough."""
    ProfileLink.objects.update(due=None)
    user, group = make_user(), Group.objects.create(name="Section")
    user.groups.add(group)
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    change = Permission.objects.get(content_type__app_label="wagtailcore", codename="change_page")
    GroupPagePermission.objects.create(group=group, page=make_section(page), permission=change)
    assert _as(user).post(reverse("cms_links_back", args=[page.pk]))["Location"] == reverse("wagtailadmin_home")
    assert not ProfileLink.objects.filter(due__isnull=False).exists()


def test_a_wake_of_a_publisher_notes_its_links(page: OrganisationPage) -> None:
    """An upgrade brings the table empty. Fails if links are noted only when the profile changed."""
    ProfileLink.objects.all().delete()
    Wake.objects.create(key=f"page:{page.pk}")
    while reconcile.drain(NOW):
        pass
    assert ProfileLink.objects.count() == 2
