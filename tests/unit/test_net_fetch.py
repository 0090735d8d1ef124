"""A document is believed only where it came from the origin of its own id, with the right type."""

import json

import pytest

from federation.errors import BadAnswer, Gone, Missing, Refused, ServerFailed, Unauthorised, Unavailable
from federation.net.fetch import fetch_document, fetch_key_document
from federation.net.media_types import is_activity_type
from federation.signatures.sign import Signer
from tests.factories.loopback import Peer, answer, client_for
from tests.factories.signed_requests import rsa_key

SIGNER = Signer("https://hub.example/ap/instance#main-key", rsa_key())
ACTIVITY = "application/activity+json"


def document(name, media_type=ACTIVITY, **members):
    return answer(200, json.dumps({"id": name, **members}).encode(), content_type=media_type)


def fetch(peer, target="/a", how=fetch_document):
    with client_for() as client:
        return how(peer.url(target), SIGNER, client=client)


def targets(peer):
    return [seen.target for seen in peer.seen]


def test_a_document_at_its_own_address_is_authentic():
    with Peer(lambda seen: document(peer.url("/a"), content="Ana")) as peer:
        found = fetch(peer)
    assert (found.document["content"], found.url) == ("Ana", peer.url("/a"))


def test_the_request_is_signed_and_asks_for_both_types():
    with Peer(lambda seen: document(peer.url("/a"))) as peer:
        fetch(peer)
    headers = peer.seen[0].headers
    assert f'keyId="{SIGNER.key_id}"' in headers["signature"]
    assert headers["accept"] == (
        'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    )


def test_a_fragment_of_the_address_is_no_part_of_the_id():
    with Peer(lambda seen: document(peer.url("/a"))) as peer:
        fetch(peer, "/a#main-key")
    assert targets(peer) == ["/a"]


def test_another_id_is_fetched_once_and_must_hold():
    with Peer(lambda seen: document(peer.url("/id"))) as peer:
        found = fetch(peer, "/@ana")
    assert (targets(peer), found.url) == (["/@ana", "/id"], peer.url("/id"))


def test_an_id_that_does_not_hold_is_not_followed_further():
    with Peer(lambda seen: document(peer.url(seen.target + "x"))) as peer, pytest.raises(BadAnswer):
        fetch(peer)
    assert targets(peer) == ["/a", "/ax"]


def test_a_document_of_another_server_is_fetched_from_that_server():
    with (
        Peer(lambda seen: document(victim.url("/ana"), content="Ana")) as victim,
        Peer(lambda seen: document(victim.url("/ana"), content="Mallory")) as attacker,
    ):
        found = fetch(attacker)
    assert found.document["content"] == "Ana"


def test_a_document_of_another_server_that_denies_it_is_refused():
    with (
        Peer(lambda seen: answer(404)) as victim,
        Peer(lambda seen: document(victim.url("/ana"), content="Mallory")) as attacker,
        pytest.raises(Missing),
    ):
        fetch(attacker)


def test_a_redirect_to_another_server_cannot_speak_for_the_first():
    with (
        Peer(lambda seen: document(victim.url("/out"), content="Mallory")) as attacker,
        Peer(lambda seen: answer(302, Location=attacker.url("/x"))) as victim,
        pytest.raises(BadAnswer),
    ):
        fetch(victim, "/out")
    assert len(victim.seen) == 1


def test_a_redirect_within_the_server_is_no_obstacle():
    def reply(seen):
        return answer(301, Location="/b") if seen.target == "/a" else document(peer.url("/a"))

    with Peer(reply) as peer:
        assert fetch(peer).url == peer.url("/b")


def test_a_redirect_to_the_real_id_is_fetched_from_there():
    def reply(seen):
        return answer(301, Location="/b") if seen.target == "/a" else document(peer.url("/b"))

    with Peer(reply) as peer:
        assert fetch(peer).url == peer.url("/b")
    assert targets(peer) == ["/a", "/b", "/b"]


@pytest.mark.parametrize("members", [{}, {"id": None}, {"id": 5}, {"id": ["a"]}, {"id": {"id": "a"}}])
def test_a_document_without_an_id_is_refused(members):
    with (
        Peer(lambda seen: answer(200, json.dumps(members).encode(), content_type=ACTIVITY)) as peer,
        pytest.raises(BadAnswer),
    ):
        fetch(peer)


@pytest.mark.parametrize("name", ["http://10.0.0.1/a", "file:///etc/passwd", "a", "https://peer.example:22/", ""])
def test_an_id_at_a_forbidden_address_is_not_fetched(name):
    with Peer(lambda seen: document(name)) as peer, pytest.raises(Refused):
        fetch(peer)


@pytest.mark.parametrize("spelling", ["http://LOCALHOST:{port}/a", "http://127.0.0.1:{port}/%61"])
def test_an_id_that_is_spelled_otherwise_is_another_id(spelling):
    with Peer(lambda seen: document(spelling.format(port=peer.port))) as peer:
        assert fetch(peer).document["id"] == spelling.format(port=peer.port)
    assert len(peer.seen) == 2


def test_an_id_with_a_fragment_is_no_address_of_a_document():
    with Peer(lambda seen: document(peer.url("/a#me"))) as peer, pytest.raises(BadAnswer):
        fetch(peer)


TYPES = [
    ("application/activity+json", True),
    ("Application/Activity+JSON; charset=UTF-8", True),
    ("application/activity+json;charset=utf8", True),
    ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', True),
    ('application/ld+json;charset=utf-8;profile="https://www.w3.org/ns/activitystreams"', True),
    ('application/ld+json; profile="https://example.org/a https://www.w3.org/ns/activitystreams"', True),
    ("application/ld+json; profile=https://www.w3.org/ns/activitystreams", True),
    ("application/ld+json", False),
    ('application/ld+json; profile="https://www.w3.org/ns/activitystreams#"', False),
    ('application/ld+json; profile="https://www.w3.org/ns/json-ld"', False),
    ("application/json", False),
    ("text/html", False),
    ("text/plain; application/activity+json", False),
    ("image/png", False),
    ("application/activity+json, text/html", False),
    ("application/activity+jsonx", False),
    ("application/activity+json; charset=utf-16", False),
    ("application/activity+json; charset=iso-8859-1", False),
    ("", False),
    (";", False),
]


@pytest.mark.parametrize(("media_type", "expected"), TYPES)
def test_the_type_is_compared_exactly(media_type, expected):
    assert is_activity_type(media_type) is expected


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/plain", "application/octet-stream", "application/ld+json"]
)
@pytest.mark.parametrize("how", [fetch_document, fetch_key_document])
def test_an_uploaded_file_cannot_pose_as_a_document(media_type, how):
    with Peer(lambda seen: document(peer.url("/a"), media_type)) as peer, pytest.raises(BadAnswer):
        fetch(peer, how=how)


def test_the_id_that_is_fetched_again_must_have_the_type_too():
    def reply(seen):
        return document(peer.url("/upload.json"), "application/json" if seen.target == "/upload.json" else ACTIVITY)

    with Peer(reply) as peer, pytest.raises(BadAnswer):
        fetch(peer)


@pytest.mark.parametrize(
    ("status", "error", "temporary"),
    [
        (410, Gone, False),
        (404, Missing, False),
        (401, Unauthorised, True),
        (403, Unauthorised, True),
        (429, Unavailable, True),
        (503, Unavailable, True),
        (500, ServerFailed, True),
        (502, ServerFailed, True),
        (400, BadAnswer, False),
        (406, BadAnswer, False),
        (202, BadAnswer, False),
        (204, BadAnswer, False),
        (304, BadAnswer, False),
    ],
)
def test_a_status_other_than_200_says_why(status, error, temporary):
    with Peer(lambda seen: answer(status)) as peer, pytest.raises(error) as failure:
        fetch(peer)
    assert (type(failure.value), failure.value.temporary) == (error, temporary)


@pytest.mark.parametrize("error", [Gone, Missing, Unauthorised])
def test_a_refused_document_does_not_hold_the_origin(error):
    assert error.holds is False


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"id": NaN}', b"[" * 100_000, b'{"a":' * 40 + b"1" + b"}" * 40, b'{"id": "\xff"}'],
)
def test_what_is_no_sound_json_object_is_a_bad_answer(body):
    with Peer(lambda seen: answer(200, body, content_type=ACTIVITY)) as peer, pytest.raises(BadAnswer):
        fetch(peer)


def test_a_key_document_may_have_another_id():
    with Peer(lambda seen: document(peer.url("/users/ana"))) as peer:
        found = fetch(peer, "/users/ana/main-key", fetch_key_document)
    assert (found.document["id"], found.url) == (peer.url("/users/ana"), peer.url("/users/ana/main-key"))
    assert len(peer.seen) == 1


def test_a_fetch_without_a_client_makes_and_closes_its_own(settings):
    settings.FEDERATION = {**settings.FEDERATION, "ORIGIN": "http://127.0.0.1:8001", "ALLOW_PRIVATE": ["127.0.0.0/8"]}
    with Peer(lambda seen: document(peer.url("/a"))) as peer:
        assert fetch_document(peer.url("/a"), None).document["id"] == peer.url("/a")


@pytest.mark.parametrize("how", [fetch_document, fetch_key_document])
def test_a_server_that_knows_only_the_other_key_is_asked_once_more(how):
    """While the instance actor's keys change. Fails if the second key is not tried."""
    other = Signer("https://hub.example/ap/instance#main-key-2", rsa_key())

    def reply(seen):
        return document(peer.url("/a")) if "main-key-2" in seen.headers["signature"] else answer(401)

    with Peer(reply) as peer, client_for() as client:
        how(peer.url("/a"), SIGNER, other=other, client=client)
        found = ["main-key-2" in seen.headers["signature"] for seen in peer.seen]
        with pytest.raises(Unauthorised):
            how(peer.url("/a"), SIGNER, client=client)
    assert (found[0], found[-1], found.count(True)) == (False, True, 1)
