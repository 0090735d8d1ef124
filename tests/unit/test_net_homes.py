"""Where a reader is sent: found on their own server through the real client, and never anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

import pytest

from federation.contract import Gesture
from federation.errors import BadInput, ConnectFailed, Missing, NetworkError
from federation.net.client import Client
from federation.net.guard import Policy
from federation.net.homes import Home, NoServer, fetch_way, read_home
from federation.vocab.intents import intent_values
from tests.factories.instances import Authority
from tests.factories.loopback import answer, client_for
from tests.factories.reader_server import (
    FEP,
    SUBSCRIBE,
    ReaderServer,
    mastodon_before,
    mastodon_now,
    misskey,
    reader_server,
)

VALUES = intent_values("https://hub.example/ap/actors/1", "aspen@hub.example", "https://hub.example/aspen/")
HERE = Policy(allow_private=(ip_network("127.0.0.0/8"), ip_network("::1/128")))


@pytest.fixture
def server(authority: Authority) -> Iterator[ReaderServer]:
    with reader_server(authority) as running:
        yield running


@pytest.fixture
def client(authority: Authority) -> Iterator[Client]:
    with client_for(HERE, context=authority.context()) as own:
        yield own


def way(server: ReaderServer, client: Client, name: str = "me", gesture: Gesture = Gesture.FOLLOW) -> str:
    return fetch_way(Home(server.host, name), gesture, VALUES, client)


@pytest.mark.parametrize(
    ("typed", "home"),
    [
        ("mastodon.example", Home("mastodon.example")),
        ("  Mastodon.Example/ ", Home("mastodon.example")),
        ("https://mastodon.example/", Home("mastodon.example")),
        ("HTTPS://mastodon.example/explore?x=1#y", Home("mastodon.example")),
        ("http://mastodon.example", Home("mastodon.example")),
        ("@mastodon.example", Home("mastodon.example")),
        ("@me@mastodon.example", Home("mastodon.example", "me")),
        ("me@mastodon.example", Home("mastodon.example", "me")),
        ("acct:Me@mastodon.example", Home("mastodon.example", "Me")),
        ("@me%40mastodon.example", Home("mastodon.example", "me")),
        ("\u200e@me@mastodon.example\u2069", Home("mastodon.example", "me")),
        ("https://mastodon.example/@me", Home("mastodon.example", "me")),
        ("https://mastodon.example/@me@other.example", Home("mastodon.example", "me")),
        ("https://pleroma.example/users/me/", Home("pleroma.example", "me")),
        ("https://mastodon.example/@me/109", Home("mastodon.example")),
        ("bücher.example", Home("xn--bcher-kva.example")),
        ("mastodon.example:8443", Home("mastodon.example:8443")),
    ],
)
def test_people_write_their_server_in_many_ways(typed: str, home: Home) -> None:
    assert read_home(typed) == home


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "@",
        "@@",
        "me@",
        "two words",
        "javascript:alert(1)",
        "javascript://mastodon.example/%0aalert(1)",
        "ftp://mastodon.example/",
        "https://me@mastodon.example/",
        "https://",
        "https://[::1",
        "mastodon.example/path",
        "mastodon.example?x",
        "mastodon.example\r\nX: y",
        "mastodon.example\\@evil.example",
        "a@b@c@",
        "<script>@mastodon.example",
        f"{'a' * 400}.example",
        "\u0000.example",
    ],
)
def test_what_names_no_server_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        read_home(typed)


@pytest.mark.parametrize("links", [mastodon_now, mastodon_before, misskey])
def test_an_account_leads_to_the_place_that_its_server_names(links: Any, server: ReaderServer, client: Client) -> None:
    server.links = links(server.origin)
    found = urlsplit(way(server, client))
    assert (found.scheme, found.netloc) == ("https", server.host)
    assert "hub.example" in found.query


def test_a_server_that_describes_itself_is_believed(server: ReaderServer, client: Client) -> None:
    server.site_links = [{"rel": f"{FEP}Follow", "template": f"{server.origin}/do?it={{object}}"}]
    assert way(server, client, name="").startswith(f"{server.origin}/do?it=https%3A")


def test_a_server_that_says_nothing_of_itself_is_known_by_its_software(server: ReaderServer, client: Client) -> None:
    assert way(server, client, name="") == f"{server.origin}/authorize_interaction?uri=aspen%40hub.example"
    server.software = "misskey"
    assert way(server, client, name="") == f"{server.origin}/authorize-follow?acct=aspen%40hub.example"


def test_an_account_whose_server_names_no_place_goes_to_the_usual_one(server: ReaderServer, client: Client) -> None:
    server.links = [{"rel": "self", "href": f"{server.origin}/users/me"}]
    server.software = None
    assert way(server, client) == f"{server.origin}/authorize_interaction?uri=aspen%40hub.example"


def test_an_unknown_account_is_nobody(server: ReaderServer, client: Client) -> None:
    with pytest.raises(Missing):
        way(server, client, name="you")


def test_a_site_that_is_no_server_is_nowhere_to_go(server: ReaderServer, client: Client) -> None:
    """Or this site would send people to any web site that somebody names. Fails without the question for NodeInfo."""
    server.software = None
    with pytest.raises(NoServer):
        way(server, client, name="")


@pytest.mark.parametrize(
    "template",
    [
        "https://evil.example/?u={uri}",
        "http://{host}/?u={uri}",
        "javascript:alert('{uri}')",
        "JavaScript://{host}/%0aalert('{uri}')",
        "data:text/html,{uri}",
        "//{host}/?u={uri}",
        "/authorize?u={uri}",
        "https://{host}@evil.example/?u={uri}",
        "https://me@{host}/?u={uri}",
        "https://{host}\\@evil.example/?u={uri}",
        "https://{host}.evil.example/?u={uri}",
        "https://evil.example/{host}?u={uri}",
        "https://{host}/\r\nSet-Cookie: a=b?u={uri}",
        "https://{host}/ ?u={uri}",
        "https://{uri}/?u={uri}",
        "https://127.0.0.2/?u={uri}",
        "https://localhost:1/?u={uri}",
        "https://{host}/?u={uri}&x=" + "a" * 3000,
    ],
)
@pytest.mark.parametrize("relation", [SUBSCRIBE, f"{FEP}Object"])
def test_a_hostile_template_leads_nowhere_but_to_the_readers_server(
    template: str, relation: str, server: ReaderServer, client: Client
) -> None:
    """The next best place is taken instead. Fails if the host is not compared, or the address not read by the guard."""
    variable = "{uri}" if relation == SUBSCRIBE else "{object}"
    filled = template.replace("{host}", server.host).replace("{uri}", variable)
    server.links = [{"rel": relation, "template": filled}]
    assert way(server, client) == f"{server.origin}/authorize_interaction?uri=aspen%40hub.example"


def test_a_name_on_one_host_may_belong_to_a_server_on_another(
    authority: Authority, server: ReaderServer, client: Client
) -> None:
    """me@example.org may live on social.example.org: its WebFinger says so. Fails if only the host that was written
    counts, and if any host counts."""
    with reader_server(authority) as social:
        server.links = [
            {"rel": "self", "href": f"{social.origin}/users/me"},
            {"rel": f"{FEP}Follow", "template": "https://evil.example/?o={object}"},
            {"rel": SUBSCRIBE, "template": f"{social.origin}/authorize_interaction?uri={{uri}}"},
        ]
        assert way(server, client) == f"{social.origin}/authorize_interaction?uri=aspen%40hub.example"
        server.links = server.links[:2]
        social.software = "misskey"
        assert way(server, client) == f"{social.origin}/authorize-follow?acct=aspen%40hub.example"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"links": 5}', b"<html>", b"[" * 5000, b'{"links":' + b" " * 99999]
)
def test_an_answer_that_is_no_webfinger_is_as_good_as_none(body: bytes, server: ReaderServer, client: Client) -> None:
    usual = server.reply

    def reply(seen: Any) -> bytes:
        if "webfinger" in seen.target:
            return answer(200, body, Content_Type="application/jrd+json")
        return usual(seen)

    server.peer.reply = reply
    assert way(server, client).startswith(f"{server.origin}/authorize_interaction?")


def test_a_server_that_is_not_there_is_said_to_be_so(client: Client) -> None:
    with pytest.raises(ConnectFailed):
        fetch_way(Home("localhost:9", "me"), Gesture.FOLLOW, VALUES, client)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "router.local", "localhost", "intranet", "mastodon.example:22"]
)
def test_nobody_is_sent_to_an_address_inside(host: str) -> None:
    with client_for(Policy()) as own, pytest.raises((BadInput, NetworkError)) as refused:
        fetch_way(Home(host), Gesture.FOLLOW, VALUES, own)
    assert isinstance(refused.value, BadInput)


def test_plain_http_is_only_for_an_instance_that_has_no_tls_itself(client: Client) -> None:
    """Such as the demo. Fails if the scheme is taken from what was written, or from the template."""
    plain = Policy(allow_private=HERE.allow_private, allow_http=True)
    with reader_server(None) as server:
        with client_for(plain) as own:
            assert (
                way(server, own)
                == f"{server.origin}/authorize_interaction?uri=https%3A%2F%2Fhub.example%2Fap%2Factors%2F1"
            )
        with pytest.raises(NetworkError):
            way(server, client)
