"""The pages on which readers follow an organisation or the site, or answer a piece, from their own server: without a
script, as a form. Their server is a real one on this machine, asked through the real client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from cms.desk import desk
from cms.follow.tokens import make_token
from cms.models import HandleClaim
from federation.actors.local import ensure_publisher, ensure_site_actor
from federation.conf import source
from federation.models import LedgerEntry, LocalActor, Peer, PublishedObject
from federation.net.allowance import Allowance
from tests.factories.cms_pages import make_news, make_organisation, make_private, publish
from tests.factories.html_pages import text_of
from tests.factories.instances import Authority
from tests.factories.loopback import answer
from tests.factories.publications import HUB, OBJECT, TOLD
from tests.factories.reader_server import ReaderServer, mastodon_before, reader_server
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture(autouse=True)
def fresh_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.way_home.allowance", Allowance())


@pytest.fixture
def organisation() -> Any:
    page = make_organisation("Aspen Watch", handle="aspen")
    publisher = source().publisher(page.publisher_key)
    assert publisher is not None
    ensure_publisher(publisher, timezone.now())
    return page


@pytest.fixture
def news(organisation: Any) -> Any:
    """A piece that is out."""
    page = make_news(organisation, title="Launch", share=True)
    actor = LocalActor.objects.get(key=organisation.publisher_key)
    row = PublishedObject.objects.create(
        id=UUID(OBJECT.rpartition("/")[2]),
        uri=OBJECT,
        key=f"page:{page.pk}",
        actor=actor,
        kind="Article",
        url=f"{HUB}{page.url}",
        document=b"{}",
        builder=1,
        published=TOLD,
    )
    LedgerEntry.objects.create(key=row.key, state=LedgerEntry.State.LIVE, current=row)
    return page


@pytest.fixture
def server(authority: Authority, settings: Any) -> Iterator[ReaderServer]:
    settings.FEDERATION = settings.FEDERATION | {
        "ALLOW_PRIVATE": ["127.0.0.0/8", "::1/128"],
        "CA_BUNDLE": str(authority.bundle),
    }
    with reader_server(authority) as running:
        yield running


def open_form(path: str, client: Client) -> BeautifulSoup:
    response = client.get(path)
    assert response.status_code == 200, response.status_code
    return BeautifulSoup(response.content, "html.parser")


def submit(path: str, typed: str, client: Client | None = None, **headers: str) -> Any:
    """As a browser does: the form is fetched, filled in and sent."""
    client = client or Client(headers={"host": "hub.example"})
    form = open_form(path, client).select_one("form[data-way-form]")
    assert form is not None
    fields = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[name]")}
    return client.post(form["action"], fields | {"server": typed}, headers={"origin": HUB} | headers)


def problem(response: Any) -> str:
    return text_of(BeautifulSoup(response.content, "html.parser").select_one("#way-problem"))


def test_a_follower_is_sent_to_their_own_server(organisation: Any, server: ReaderServer) -> None:
    response = submit("/@aspen/follow", f"@me@{server.host}")
    way = urlsplit(response["Location"])
    actor = LocalActor.objects.get(key=organisation.publisher_key)
    assert response.status_code == 303
    assert (f"{way.scheme}://{way.netloc}", way.path) == (server.origin, "/authorize_interaction")
    assert parse_qs(way.query) == {"uri": [actor.uri]}


def test_a_server_alone_is_enough(organisation: Any, server: ReaderServer) -> None:
    response = submit("/@aspen/follow", f"{server.origin}/")
    assert response["Location"] == f"{server.origin}/authorize_interaction?uri=aspen%40hub.example"


def test_the_site_itself_can_be_followed(server: ReaderServer) -> None:
    site = ensure_site_actor(timezone.now())
    assert site is not None
    response = submit(f"/@{site.handle}/follow", f"@me@{server.host}")
    assert parse_qs(urlsplit(response["Location"]).query) == {"uri": [site.uri]}


@pytest.mark.parametrize("gesture", ["reply", "boost", "like"])
def test_whoever_answers_is_sent_to_the_piece_on_their_own_server(
    gesture: str, news: Any, server: ReaderServer
) -> None:
    response = submit(f"/-/respond/{news.pk}/{gesture}", f"@me@{server.host}")
    assert response.status_code == 303
    assert parse_qs(urlsplit(response["Location"]).query) == {"uri": [OBJECT]}


def test_a_script_gets_the_same_as_json(organisation: Any, server: ReaderServer) -> None:
    response = submit("/@aspen/follow", server.host, accept="application/json")
    assert (response.status_code, list(response.json())) == (200, ["way"])
    response = submit("/@aspen/follow", "nonsense", accept="application/json")
    assert (response.status_code, sorted(response.json())) == (400, ["problem", "token"])


def test_neither_the_form_nor_the_answer_sets_a_cookie_or_is_kept(organisation: Any, server: ReaderServer) -> None:
    client = Client(headers={"host": "hub.example"})
    responses = [client.get("/@aspen/follow"), submit("/@aspen/follow", server.host, client)]
    assert not client.cookies
    assert [response["Cache-Control"] for response in responses] == ["no-store", "no-store"]


def test_the_page_says_what_one_needs_to_know(organisation: Any) -> None:
    soup = open_form("/@aspen/follow", Client())
    main = soup.main
    assert text_of(main.h1) == "Follow Aspen Watch"  # type: ignore[union-attr]
    assert main.select_one("code.handle").get_text() == "@aspen@hub.example"  # type: ignore[union-attr]
    assert "The fediverse is made of" in text_of(main)
    assert main.select_one("a.feed")["href"] == "/feeds/aspen.atom"  # type: ignore[union-attr,index]
    assert soup.find("meta", attrs={"name": "robots"})["content"] == "noindex"  # type: ignore[index]


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ("two words", 400, "not the address of a server"),
        ("javascript:alert(1)", 400, "not the address of a server"),
        ("192.168.1.1", 400, "not the address of a server"),
        ("@me@hub.example", 400, "address of this site"),
        ("@you@{host}", 400, "{host} knows no account of that name"),
        ("localhost:9", 502, "localhost:9 does not answer"),
    ],
)
def test_what_went_wrong_is_said_in_a_sentence_and_the_form_is_as_it_was(
    typed: str, status: int, words: str, organisation: Any, server: ReaderServer
) -> None:
    typed, words = typed.format(host=server.host), words.format(host=server.host)
    response = submit("/@aspen/follow", typed)
    field = BeautifulSoup(response.content, "html.parser").select_one("#way-server")
    assert (response.status_code, words in problem(response)) == (status, True)
    assert field["value"] == typed  # type: ignore[index]
    assert "way-problem" in field["aria-describedby"]  # type: ignore[index]


def test_a_site_that_is_no_server_is_said_to_be_none(organisation: Any, server: ReaderServer) -> None:
    server.software = None
    response = submit("/@aspen/follow", server.host)
    assert (response.status_code, "is not a server of the fediverse" in problem(response)) == (400, True)


def test_a_blocked_server_is_not_asked(organisation: Any, server: ReaderServer) -> None:
    """Fails if the desk does not ask for blocks."""
    Peer.objects.create(origin=server.origin, blocked=True)
    response = submit("/@aspen/follow", server.host)
    assert (response.status_code, server.asked) == (403, [])


def test_markup_in_what_was_typed_stays_text(organisation: Any) -> None:
    response = submit("/@aspen/follow", '"><script>alert(1)</script>')
    assert b"<script>alert" not in response.content


def test_a_header_cannot_be_planted(organisation: Any, server: ReaderServer) -> None:
    server.links = [
        {"rel": mastodon_before("")[2]["rel"], "template": f"{server.origin}/\r\nSet-Cookie: a=b\r\n?u={{uri}}"}
    ]
    response = submit("/@aspen/follow", f"@me@{server.host}")
    assert response["Location"].startswith(f"{server.origin}/authorize_interaction?")
    assert not response.cookies


def test_without_the_token_nobody_is_asked(organisation: Any, server: ReaderServer) -> None:
    """PR-07: no fetch because an anonymous visitor typed an address, without a token. Fails if it is not checked."""
    for token in ("", "x", make_token("like", "page:1"), make_token("follow", "organisation:other")):
        response = Client().post("/@aspen/follow", {"server": server.host, "token": token})
        assert (response.status_code, server.asked) == (403, [])
    assert "open for too long" in problem(response)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://hub.example"])
def test_a_form_on_another_site_asks_nobody(origin: str, organisation: Any, server: ReaderServer) -> None:
    response = submit("/@aspen/follow", server.host, origin=origin)
    assert (response.status_code, server.asked) == (403, [])


def test_whoever_asks_too_often_has_to_wait(
    organisation: Any, server: ReaderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PR-07. Fails if the desk does not count, or counts all askers as one."""
    monkeypatch.setattr("federation.way_home.allowance", Allowance(block=2))
    monkeypatch.setattr("cms.follow.views.asker", lambda request: request.headers["X-Test-From"])
    froms = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "198.51.100.1"]
    responses = [submit("/@aspen/follow", server.host, **{"x-test-from": come}) for come in froms]
    assert [response.status_code for response in responses] == [303, 303, 429, 303]
    assert responses[2]["Retry-After"] == "600"


def test_what_cannot_be_read_costs_nobody_anything(
    organisation: Any, server: ReaderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.way_home.allowance", Allowance(block=1))
    for _ in range(3):
        submit("/@aspen/follow", "two words")
    assert submit("/@aspen/follow", server.host).status_code == 303


def test_while_others_wait_one_is_asked_to_try_again(
    organisation: Any, server: ReaderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Allowance(at_once=1)
    monkeypatch.setattr("federation.way_home.allowance", full)
    with full.asking("203.0.113.1"):
        response = submit("/@aspen/follow", server.host)
    assert (response.status_code, response["Retry-After"], server.asked) == (503, "5", [])


def test_a_server_that_is_slow_is_given_up(
    organisation: Any, server: ReaderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would answer well after three seconds. Fails if there is no limit for all questions together."""
    monkeypatch.setattr("federation.way_home.WAIT", 0.5)
    usual = server.reply

    def slowly(seen: Any) -> Iterator[bytes]:
        server.peer.stopped.wait(3)
        yield usual(seen)

    server.peer.reply = slowly
    response = submit("/@aspen/follow", server.host)
    assert (response.status_code, "does not answer" in problem(response)) == (502, True)


def test_an_old_handle_leads_to_the_new_one(organisation: Any) -> None:
    HandleClaim.objects.create(handle="aspen_old", publisher=organisation.publisher_key)
    for path in ("/@aspen_old/follow", "/@Aspen/follow"):
        response = Client().get(path)
        assert (response.status_code, response["Location"]) == (302, "/@aspen/follow")


@pytest.mark.parametrize("path", ["/@nobody/follow", "/@a%00/follow", "/-/respond/999999999999999999/like"])
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


def test_a_hidden_organisation_cannot_be_followed_here(organisation: Any) -> None:
    make_private(organisation)
    assert Client().get("/@aspen/follow").status_code == 404


def test_a_piece_that_is_not_out_cannot_be_answered(organisation: Any, news: Any) -> None:
    """Fails if the page alone decides, or the ledger alone."""
    unshared = make_news(organisation, title="Quiet")
    assert Client().get(f"/-/respond/{unshared.pk}/like").status_code == 404
    make_private(news)
    assert Client().get(f"/-/respond/{news.pk}/like").status_code == 404


def test_the_page_of_a_piece_leads_to_all_of_them(news: Any) -> None:
    soup = BeautifulSoup(Client().get(news.url).content, "html.parser")
    found = {str(link["href"]) for link in soup.select("a[data-dialog]")}
    assert found == {"/@aspen/follow", *(f"/-/respond/{news.pk}/{g}" for g in ("reply", "boost", "like"))}


def test_a_piece_that_is_not_out_offers_no_answer(organisation: Any) -> None:
    quiet = make_news(organisation, title="Quiet")
    soup = BeautifulSoup(Client().get(quiet.url).content, "html.parser")
    assert [str(link["href"]) for link in soup.select("a[data-dialog]")] == ["/@aspen/follow"]


def test_without_federation_nobody_is_offered_what_cannot_be_done(settings: Any, organisation: Any, news: Any) -> None:
    """Fails if a template or a view needs more of federation than the contract."""
    settings.CMS = {"DESK": "federation.contract.NullDesk"}
    assert type(desk()).__name__ == "NullDesk"
    assert Client().get("/@aspen").status_code == 200
    assert Client().get("/@aspen/follow").status_code == 404
    assert Client().get(f"/-/respond/{news.pk}/like").status_code == 404


def test_nothing_of_it_is_written_to_the_log(
    organisation: Any, server: ReaderServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    submit("/@aspen/follow", f"@you@{server.host}")
    ours = [record for record in caplog.records if record.name.startswith(("federation", "cms", "django"))]
    assert not re.search(r"you|localhost|127\.0\.0\.1", " ".join(record.getMessage() for record in ours))


def test_the_words_are_in_the_language_of_what_it_is_about(organisation: Any, news: Any) -> None:
    publish(news, title="<b>Not bold</b>")
    soup = open_form(f"/-/respond/{news.pk}/boost", Client())
    assert text_of(soup.main.select_one(".standfirst a")) == "<b>Not bold</b>"  # type: ignore[union-attr]
    assert soup.html["lang"] == "en"  # type: ignore[index]


def test_a_body_that_is_no_form_is_refused(organisation: Any) -> None:
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        assert Client().post("/@aspen/follow", b"{", content_type=content_type).status_code in (400, 403)


def test_a_strange_answer_is_no_error_of_ours(organisation: Any, server: ReaderServer) -> None:
    for body in (b"", b"HTTP/1.1 200 OK\r\n\r\nx", answer(302, Location="https://evil.example/"), answer(500)):
        server.peer.reply = lambda seen, body=body: body
        assert submit("/@aspen/follow", f"@me@{server.host}").status_code in (400, 502)
