"""What goes over the wire: the signed path, one signature per hop, and no redirect that leads astray."""

import base64
import re
from datetime import UTC, datetime
from ipaddress import IPv4Address

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from federation.errors import BadAnswer, ConnectFailed, Refused
from federation.net.client import client as client_of_settings
from federation.signatures.sign import Scheme, Signer
from tests.factories.loopback import AGENT, Peer, Seen, answer, client_for
from tests.factories.signed_requests import rsa_key

SIGNER = Signer("https://hub.example/ap/actors/1#main-key", rsa_key())
ACCEPT = "application/activity+json"


def fetch(client, url, **options):
    return client.get(url, accept=ACCEPT, **options)


def deliver(client, url, body=b'{"type": "Create"}', scheme=Scheme.CAVAGE, **options):
    return client.post(url, body, content_type=ACCEPT, signer=SIGNER, scheme=scheme, **options)


def verify_cavage(seen):
    """Rebuilt from what arrived, with nothing of ours: raises unless the signature is right. Returns what it covers."""
    fields = dict(re.findall(r'(\w+)="([^"]*)"', seen.headers["signature"]))
    covered = fields["headers"].split()
    special = {"(request-target)": f"{seen.method.lower()} {seen.target}"}
    text = "\n".join(f"{name}: {special.get(name) or seen.headers[name]}" for name in covered)
    SIGNER.key.public_key().verify(base64.b64decode(fields["signature"]), text.encode(), PKCS1v15(), SHA256())
    return covered


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb",
        "//a//b",
        "/a;b=1/c",
        "/%7eana",
        "/%7Eana",
        "/a/../b",
        "/users/ana?page=1&x=%2f",
        "/a?",
        "/caf%C3%A9",
        "/100%",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_path_on_the_wire_is_the_path_that_was_signed(target, method):
    with Peer(lambda seen: answer(202)) as peer, client_for() as client:
        if method == "GET":
            fetch(client, peer.url(target), signer=SIGNER)
        else:
            deliver(client, peer.url(target))
    assert peer.seen[0].target == target
    assert "(request-target)" in verify_cavage(peer.seen[0])


def test_a_signed_get_covers_target_host_and_date():
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        fetch(client, peer.url("/users/ana#main-key"), signer=SIGNER)
    assert verify_cavage(peer.seen[0]) == ["(request-target)", "host", "date"]
    assert peer.seen[0].target == "/users/ana"


def test_a_post_covers_the_digest_and_the_content_type():
    with Peer(lambda seen: answer(202)) as peer, client_for() as client:
        deliver(client, peer.url("/inbox"), b"{}")
    assert verify_cavage(peer.seen[0]) == ["(request-target)", "host", "date", "digest", "content-type"]
    assert peer.seen[0].body == b"{}"


def test_a_digest_that_is_known_is_not_made_again():
    with Peer(lambda seen: answer(202)) as peer, client_for() as client:
        deliver(client, peer.url("/inbox"), b"{}", digest=b"known" * 4)
    assert peer.seen[0].headers["digest"] == f"SHA-256={base64.b64encode(b'known' * 4).decode()}"


def test_the_date_is_that_of_the_attempt(monkeypatch):
    with Peer(lambda seen: answer(202)) as peer, client_for() as client:
        monkeypatch.setattr(client, "_now", lambda: datetime(2026, 11, 21, 12, tzinfo=UTC))
        deliver(client, peer.url("/inbox"))
    assert peer.seen[0].headers["date"] == "Sat, 21 Nov 2026 12:00:00 GMT"


def test_requests_name_the_product_and_its_origin():
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        fetch(client, peer.url())
    headers = peer.seen[0].headers
    assert (headers["user-agent"], headers["accept"], headers["accept-encoding"]) == (AGENT, ACCEPT, "gzip")


def test_the_host_header_has_the_port():
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        fetch(client, peer.url())
        fetch(client, peer.url(), signer=SIGNER)
    assert [seen.headers["host"] for seen in peer.seen] == [f"127.0.0.1:{peer.port}"] * 2


def test_an_unsigned_get_has_no_signature():
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        fetch(client, peer.url())
    assert "signature" not in peer.seen[0].headers


def only(accepted):
    return lambda seen: answer(200 if accepted(seen) else 401)


def test_a_401_is_answered_with_the_other_scheme():
    with Peer(only(lambda seen: "signature-input" in seen.headers)) as peer, client_for() as client:
        assert fetch(client, peer.url("/a"), signer=SIGNER).status == 200
    assert ["signature-input" in seen.headers for seen in peer.seen] == [False, True]


def test_a_401_to_a_query_is_answered_without_the_query_in_the_signature_first():
    def old_server(seen):
        fields = dict(re.findall(r'(\w+)="([^"]*)"', seen.headers["signature"]))
        text = f"(request-target): get /a\nhost: {seen.headers['host']}\ndate: {seen.headers['date']}"
        try:
            SIGNER.key.public_key().verify(base64.b64decode(fields["signature"]), text.encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return answer(401)
        return answer(200)

    with Peer(old_server) as peer, client_for() as client:
        assert fetch(client, peer.url("/a?page=1"), signer=SIGNER).status == 200
    assert [seen.target for seen in peer.seen] == ["/a?page=1", "/a?page=1"]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_only_401_tries_another_signature(status):
    with Peer(lambda seen: answer(status)) as peer, client_for() as client:
        fetch(client, peer.url("/a?b"), signer=SIGNER)
    assert len(peer.seen) == 1


def test_without_a_signer_a_401_is_the_answer():
    with Peer(lambda seen: answer(401)) as peer, client_for() as client:
        assert fetch(client, peer.url()).status == 401
    assert len(peer.seen) == 1


def test_a_post_is_sent_once_with_the_scheme_that_was_asked_for():
    with Peer(lambda seen: answer(401)) as peer, client_for() as client:
        assert deliver(client, peer.url("/inbox"), scheme=Scheme.RFC9421).status == 401
    assert len(peer.seen) == 1
    assert '"content-digest"' in peer.seen[0].headers["signature-input"]


def test_an_answer_has_lower_case_headers_joined_where_they_repeat():
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLINK: <a>\r\nLink: <b>\r\nContent-Type: text/plain\r\n\r\nhi"
    with Peer(lambda seen: raw) as peer, client_for() as client:
        got = fetch(client, peer.url("/a"))
    assert (got.status, got.body, got.headers["link"], got.url) == (200, b"hi", "<a>, <b>", peer.url("/a"))


def hops(*statuses):
    """Redirects /0 to /1 and so on, then 200."""

    def reply(seen):
        at = int(seen.target[1:])
        return answer(statuses[at], Location=f"/{at + 1}") if at < len(statuses) else answer(200, b"end")

    return reply


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_get_follows_every_kind_of_redirect(status):
    with Peer(hops(status)) as peer, client_for() as client:
        got = fetch(client, peer.url("/0"))
    assert (got.body, got.url, peer.seen[1].method) == (b"end", peer.url("/1"), "GET")


def test_a_get_follows_three_redirects():
    with Peer(hops(301, 302, 307)) as peer, client_for() as client:
        assert fetch(client, peer.url("/0")).body == b"end"


def test_a_get_does_not_follow_a_fourth_redirect():
    with Peer(hops(301, 301, 301, 301)) as peer, client_for() as client, pytest.raises(BadAnswer):
        fetch(client, peer.url("/0"))
    assert len(peer.seen) == 4


def test_a_circle_of_redirects_is_left_at_once():
    with (
        Peer(lambda seen: answer(302, Location=seen.target)) as peer,
        client_for() as client,
        pytest.raises(BadAnswer, match="circle"),
    ):
        fetch(client, peer.url("/0"))
    assert len(peer.seen) == 1


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "https://127.0.0.2:22@peer.example/",
        "file:///etc/passwd",
        "http://peer.example/",
        "https://peer.example:8443/",
        "//[::1]/",
        "https:\\\\peer.example",
    ],
)
def test_every_hop_is_judged(location):
    with Peer(lambda seen: answer(302, Location=location)) as peer, client_for() as client, pytest.raises(Refused):
        fetch(client, peer.url("/0"))
    assert len(peer.seen) == 1


def test_every_hop_is_signed_for_its_own_host():
    with (
        Peer(lambda seen: answer()) as second,
        Peer(lambda seen: answer(302, Location=second.url("/there"))) as first,
        client_for() as client,
    ):
        fetch(client, first.url("/here"), signer=SIGNER)
    assert second.seen[0].headers["host"] == f"127.0.0.1:{second.port}"
    assert second.seen[0].headers["signature"] != first.seen[0].headers["signature"]
    assert "host" in verify_cavage(second.seen[0])


def test_a_redirect_without_a_target_is_the_answer():
    with Peer(lambda seen: answer(302)) as peer, client_for() as client:
        assert fetch(client, peer.url()).status == 302


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_never_follows_a_redirect_that_drops_its_body(status):
    with Peer(lambda seen: answer(status, Location="/elsewhere")) as peer, client_for() as client:
        assert deliver(client, peer.url("/inbox")).status == status
    assert len(peer.seen) == 1


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_follows_within_its_origin_with_body_and_a_new_signature(status):
    with (
        Peer(lambda seen: answer(status, Location="/new") if seen.target == "/old" else answer(202)) as peer,
        client_for() as client,
    ):
        assert deliver(client, peer.url("/old"), b"{}").status == 202
    assert (peer.seen[1].method, peer.seen[1].target, peer.seen[1].body) == ("POST", "/new", b"{}")
    assert "digest" in verify_cavage(peer.seen[1])


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_is_never_sent_to_another_origin(status):
    with (
        Peer(lambda seen: answer(202)) as other,
        Peer(lambda seen: answer(status, Location=other.url("/inbox"))) as peer,
        client_for() as client,
    ):
        assert deliver(client, peer.url("/inbox")).status == status
    assert other.seen == []


def test_a_post_redirected_to_a_forbidden_address_is_a_failed_delivery_and_no_refusal():
    with Peer(lambda seen: answer(307, Location="http://10.0.0.1/")) as peer, client_for() as client:
        assert deliver(client, peer.url("/inbox")).status == 307


def test_a_post_redirected_in_a_circle_ends():
    with Peer(lambda seen: answer(308, Location="/inbox")) as peer, client_for() as client:
        assert deliver(client, peer.url("/inbox")).status == 308
    assert len(peer.seen) == 4


def test_two_posts_share_a_connection():
    with Peer(lambda seen: answer(202, b"ok")) as peer, client_for() as client:
        deliver(client, peer.url("/inbox"))
        deliver(client, peer.url("/inbox"))
    assert [seen.connection for seen in peer.seen] == [1, 1]


def test_a_long_refusal_is_kept_in_part_and_the_connection_lives():
    with Peer(lambda seen: answer(500, b"x" * 30_000)) as peer, client_for() as client:
        first = deliver(client, peer.url("/inbox"))
        deliver(client, peer.url("/inbox"))
    assert (first.status, first.body) == (500, b"x" * 1024)
    assert peer.connections == 1


def test_a_refusal_that_is_too_long_to_read_costs_its_connection():
    with Peer(lambda seen: answer(500, b"x" * 300_000)) as peer, client_for() as client:
        assert fetch(client, peer.url()).body == b"x" * 1024
        fetch(client, peer.url())
    assert [seen.connection for seen in peer.seen] == [1, 2]


def test_a_connection_that_the_peer_closed_meanwhile_is_replaced():
    def reply(seen):
        return b"" if seen.connection == 1 and len(peer.seen) == 2 else answer(202)

    with Peer(reply) as peer, client_for() as client:
        assert deliver(client, peer.url("/inbox")).status == 202
        assert deliver(client, peer.url("/inbox")).status == 202
    assert [seen.connection for seen in peer.seen] == [1, 1, 2]


def test_a_new_connection_that_breaks_off_is_not_tried_again():
    with Peer(lambda seen: b"") as peer, client_for() as client, pytest.raises(ConnectFailed):
        deliver(client, peer.url("/inbox"))
    assert len(peer.seen) == 1


def test_a_connection_that_rested_for_long_is_not_used_again(monkeypatch):
    monkeypatch.setattr("federation.net.transport.MAX_REST", 0.0)
    with Peer(lambda seen: answer(202)) as peer, client_for() as client:
        deliver(client, peer.url("/inbox"))
        deliver(client, peer.url("/inbox"))
    assert peer.connections == 2


def test_an_answer_that_comes_before_the_body_was_taken_is_read():
    with Peer(lambda seen: [answer(413, b"too large"), b""]) as peer, client_for() as client:
        peer._read = lambda stream, number: stream.readline() and Seen("POST", "/inbox", {}, b"", number)
        assert deliver(client, peer.url("/inbox"), b"x" * 20_000_000).status == 413


@pytest.mark.parametrize(
    "raw", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/3.0 200 OK\r\n\r\n", b"\r\n\r\n"]
)
def test_what_is_not_http_is_a_bad_answer(raw):
    with Peer(lambda seen: raw) as peer, client_for() as client, pytest.raises(BadAnswer):
        fetch(client, peer.url())


def test_the_client_of_the_settings_takes_its_rules_from_them(settings):
    settings.FEDERATION = {
        **settings.FEDERATION,
        "ORIGIN": "http://127.0.0.1:8001",
        "ALLOW_PRIVATE": ["127.0.0.0/8"],
    }
    with Peer(lambda seen: answer()) as peer, client_of_settings() as client:
        fetch(client, peer.url())
    assert re.fullmatch(r"Commonwire/\S+ \(\+http://127\.0\.0\.1:8001/\)", peer.seen[0].headers["user-agent"])


def test_the_client_of_the_settings_knows_the_addresses_of_this_machine(monkeypatch):
    own = frozenset({IPv4Address("93.184.216.34")})
    monkeypatch.setattr("federation.net.client.own_addresses", lambda: own)
    with client_of_settings() as client:
        assert client.policy.own_addresses == own


def test_the_client_of_the_settings_refuses_what_they_do_not_list(settings):
    settings.FEDERATION = {**settings.FEDERATION, "ORIGIN": "https://hub.example", "ALLOW_PRIVATE": []}
    with client_of_settings() as client, pytest.raises(Refused):
        fetch(client, "http://127.0.0.1:8001/")
