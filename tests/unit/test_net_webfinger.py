"""A handle leads to an actor only if its canonical form leads to the same one."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from federation.errors import BadAnswer, BadInput, Missing, Refused
from federation.net.host_meta import find_template
from federation.net.webfinger import fetch_actor_address, parse_handle
from tests.factories.loopback import LOOPBACK, Peer, answer, client_for

ACTIVITY = "application/activity+json"
JRD = "application/jrd+json"


@pytest.mark.parametrize(
    "text",
    [
        "@ana@peer.example",
        "ana@peer.example",
        "acct:ana@peer.example",
        "acct:@ana@peer.example",
        "ACCT:ana@PEER.example",
        "  @ana@peer.example ",
        "ana%40peer.example",
        "@ana@peer.example:443",
    ],
)
def test_every_way_to_write_a_handle_is_read(text):
    assert parse_handle(text) == ("ana", "peer.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@Ana.B-c_1@peer.example", ("Ana.B-c_1", "peer.example")),
        ("@ana@127.0.0.1:8001", ("ana", "127.0.0.1:8001")),
        ("@ana@exämple.org", ("ana", "xn--exmple-cua.org")),
        ("@ana@Exämple.org", ("ana", "xn--exmple-cua.org")),
    ],
)
def test_a_name_keeps_its_letters_and_a_host_becomes_ascii(text, expected):
    assert parse_handle(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@ana",
        "@ana@",
        "@@peer.example",
        "@a na@peer.example",
        "@ana@peer example",
        "@ana@peer.example/path",
        "@ana@peer.example?x",
        "@ana@peer.example#x",
        "@ana@bea@peer.example",
        "@ana@peer.example\r\nHost: evil.example",
        "https://peer.example/@ana",
        "@ana@peer_.example",
        "@ana@xn--\u00e4.example",
        f"@{'a' * 200}@peer.example",
        "@ana@" + "a" * 3000,
    ],
)
def test_what_is_no_handle_is_refused_with_a_sentence(text):
    with pytest.raises(BadInput) as refusal:
        parse_handle(text)
    assert refusal.value.sentence == "This is not an address like @name@example.org."


def jrd(subject, *links, content_type=JRD):
    return answer(200, json.dumps({"subject": subject, "links": list(links)}).encode(), content_type=content_type)


def self_link(address, media_type=ACTIVITY):
    return {"rel": "self", "type": media_type, "href": address}


def handle(peer, name="ana"):
    return f"{name}@{peer.host}:{peer.port}"


def ask(peer, name="ana"):
    with client_for() as client:
        return fetch_actor_address(f"@{handle(peer, name)}", client=client)


def resource(seen):
    return parse_qs(urlsplit(seen.target).query)["resource"]


def test_the_self_link_is_the_address_of_the_actor():
    page = {"rel": "self", "type": "text/html", "href": "https://peer.example/@ana"}
    feed = {"rel": "alternate", "type": ACTIVITY, "href": "https://peer.example/other"}
    with Peer(lambda seen: jrd(f"acct:{handle(peer)}", page, feed, self_link(peer.url("/ana")))) as peer:
        assert ask(peer) == peer.url("/ana")
    assert resource(peer.seen[0]) == [f"acct:{handle(peer)}"]
    assert len(peer.seen) == 1


def test_the_question_is_not_signed_and_asks_for_a_jrd():
    with Peer(lambda seen: jrd(f"acct:{handle(peer)}", self_link(peer.url("/ana")))) as peer:
        ask(peer)
    assert peer.seen[0].headers["accept"] == "application/jrd+json, application/json"
    assert "signature" not in peer.seen[0].headers


@pytest.mark.parametrize(
    "media_type", [ACTIVITY, 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"']
)
def test_both_types_of_activitystreams_are_known(media_type):
    with Peer(lambda seen: jrd(f"acct:{handle(peer)}", self_link(peer.url("/ana"), media_type))) as peer:
        assert ask(peer) == peer.url("/ana")


@pytest.mark.parametrize(
    "link",
    [
        {"rel": "self", "type": "application/ld+json", "href": "https://peer.example/ana"},
        {"rel": "self", "type": "application/json", "href": "https://peer.example/ana"},
        {"rel": "self", "href": "https://peer.example/ana"},
        {"rel": "self", "type": ACTIVITY},
        {"rel": "self", "type": ACTIVITY, "href": ["https://peer.example/ana"]},
        {"rel": "other", "type": ACTIVITY, "href": "https://peer.example/ana"},
        "self",
    ],
)
def test_without_a_self_link_of_the_exact_type_there_is_no_actor(link):
    with Peer(lambda seen: jrd(f"acct:{handle(peer)}", link)) as peer, pytest.raises(BadAnswer):
        ask(peer)


@pytest.mark.parametrize("address", ["http://10.0.0.1/ana", "file:///etc/passwd", "https://127.0.0.1:22@peer.example/"])
def test_a_self_link_to_a_forbidden_address_is_refused(address):
    with Peer(lambda seen: jrd(f"acct:{handle(peer)}", self_link(address))) as peer, pytest.raises(Refused):
        ask(peer)


def test_the_name_is_compared_without_case():
    with Peer(lambda seen: jrd(f"acct:ANA@{peer.host}:{peer.port}", self_link(peer.url("/ana")))) as peer:
        assert ask(peer) == peer.url("/ana")
    assert len(peer.seen) == 1


def test_another_subject_is_asked_once_and_must_mean_the_same_actor():
    with Peer(lambda seen: jrd(f"acct:{handle(peer, 'new')}", self_link(peer.url("/ana")))) as peer:
        assert ask(peer, "old") == peer.url("/ana")
    assert [resource(seen) for seen in peer.seen] == [[f"acct:{handle(peer, 'old')}"], [f"acct:{handle(peer, 'new')}"]]


def test_a_subject_on_another_host_is_asked_there():
    with (
        Peer(lambda seen: jrd(f"acct:{handle(home)}", self_link(web.url("/ana")))) as home,
        Peer(lambda seen: jrd(f"acct:{handle(home)}", self_link(web.url("/ana")))) as web,
    ):
        assert ask(web) == web.url("/ana")
    assert len(home.seen) == 1


def test_a_host_cannot_claim_the_handle_of_another():
    with (
        Peer(lambda seen: jrd(f"acct:{handle(victim)}", self_link(victim.url("/ana")))) as victim,
        Peer(lambda seen: jrd(f"acct:{handle(victim)}", self_link(attacker.url("/ana")))) as attacker,
        pytest.raises(BadAnswer, match="loop back"),
    ):
        ask(attacker)


def test_a_subject_that_names_a_third_is_not_followed():
    def reply(seen):
        return jrd(f"acct:{handle(peer, f'n{len(peer.seen)}')}", self_link(peer.url("/ana")))

    with Peer(reply) as peer, pytest.raises(BadAnswer, match="loop back"):
        ask(peer)
    assert len(peer.seen) == 2


@pytest.mark.parametrize("subject", [None, 5, "", "https://peer.example/ana", "acct:ana"])
def test_a_subject_that_is_no_handle_is_a_bad_answer(subject):
    with Peer(lambda seen: jrd(subject, self_link(peer.url("/ana")))) as peer, pytest.raises(BadAnswer):
        ask(peer)


@pytest.mark.parametrize("media_type", ["application/json", "application/jrd+json; charset=utf-8"])
def test_json_is_accepted_for_a_jrd(media_type):
    with Peer(lambda seen: jrd(f"acct:{handle(peer)}", self_link(peer.url("/a")), content_type=media_type)) as peer:
        assert ask(peer) == peer.url("/a")


@pytest.mark.parametrize(
    "media_type", ["text/html", "application/activity+json", "application/json; charset=utf-16", ""]
)
def test_another_type_is_a_bad_answer(media_type):
    with (
        Peer(lambda seen: jrd(f"acct:{handle(peer)}", self_link(peer.url("/a")), content_type=media_type)) as peer,
        pytest.raises(BadAnswer),
    ):
        ask(peer)


def xrd(template, rel="lrdd"):
    return (
        '<?xml version="1.0"?><XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
        f'<Link rel="{rel}" template="{template}"/></XRD>'
    ).encode()


def test_after_a_404_host_meta_names_the_place():
    def elsewhere(seen):
        return jrd(f"acct:{handle(peer)}", self_link(other.url("/ana")))

    def reply(seen):
        if seen.target == "/.well-known/host-meta":
            return answer(200, xrd(other.url("/finger?q={uri}")), content_type="application/xrd+xml; charset=utf-8")
        return answer(404)

    with Peer(elsewhere) as other, Peer(reply) as peer:
        assert ask(peer) == other.url("/ana")
    assert parse_qs(urlsplit(other.seen[0].target).query) == {"q": [f"acct:{handle(peer)}"]}


@pytest.mark.parametrize("template", ["http://10.0.0.1/?q={uri}", "https://peer.example:22/{uri}", "gopher://x/{uri}"])
def test_host_meta_cannot_lead_to_a_forbidden_address(template):
    def reply(seen):
        host_meta = seen.target == "/.well-known/host-meta"
        return answer(200, xrd(template), content_type="application/xrd+xml") if host_meta else answer(404)

    with Peer(reply) as peer, pytest.raises(Refused):
        ask(peer)


@pytest.mark.parametrize("media_type", ["text/html", "application/json", ""])
def test_a_page_is_no_host_meta(media_type):
    def reply(seen):
        host_meta = seen.target == "/.well-known/host-meta"
        return answer(200, xrd("https://peer.example/{uri}"), content_type=media_type) if host_meta else answer(404)

    with Peer(reply) as peer, pytest.raises(BadAnswer):
        ask(peer)


def test_a_handle_that_nobody_knows_is_missing():
    with Peer(lambda seen: answer(404)) as peer, pytest.raises(Missing):
        ask(peer)
    assert [seen.target.partition("?")[0] for seen in peer.seen] == ["/.well-known/webfinger", "/.well-known/host-meta"]


def test_only_a_404_leads_to_host_meta():
    with Peer(lambda seen: answer(400)) as peer, pytest.raises(BadAnswer):
        ask(peer)
    assert len(peer.seen) == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (xrd("https://peer.example/?q={uri}"), "https://peer.example/?q={uri}"),
        (xrd("https://peer.example/?a=1&amp;q={uri}"), "https://peer.example/?a=1&q={uri}"),
        (xrd("https://peer.example/?q={uri}", rel="other"), None),
        (xrd("https://peer.example/"), None),
        (b"<XRD><Link rel='lrdd' template='https://peer.example/{uri}'/></XRD>", None),
    ],
)
def test_the_template_is_that_of_the_lrdd_link(data, expected):
    assert find_template(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><p>not found",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x/>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
    ],
)
def test_a_host_meta_that_is_broken_or_declares_entities_is_refused(data):
    with pytest.raises(BadAnswer):
        find_template(data)


@pytest.mark.parametrize(
    ("policy_http", "expected"),
    [(True, "http://127.0.0.1:1"), (False, "https://127.0.0.1:1")],
)
def test_plain_http_is_tried_only_where_the_instance_has_no_tls_itself(monkeypatch, policy_http, expected):
    asked = []

    def get(url, **options):
        asked.append(url)
        raise Missing

    with client_for(replace(LOOPBACK, allow_http=policy_http)) as client:
        monkeypatch.setattr(client, "get", get)
        with pytest.raises(Missing):
            fetch_actor_address("@ana@127.0.0.1:1", client=client)
    assert asked[0].startswith(f"{expected}/.well-known/webfinger?")


def test_a_public_host_is_asked_by_https_even_then(monkeypatch):
    asked = []

    def get(url, **options):
        asked.append(url)
        raise Missing

    with client_for() as client:
        monkeypatch.setattr(client, "get", get)
        with pytest.raises(Missing):
            fetch_actor_address("@ana@peer.example", client=client)
    assert asked[0] == "https://peer.example/.well-known/webfinger?resource=acct%3Aana%40peer.example"
