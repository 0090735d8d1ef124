"""Certificates are verified against the name that was asked for, with one context for the whole process."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from threading import Thread

import pytest
import trustme

from federation.errors import Refused, TimedOut, TlsFailed
from federation.net import tls
from federation.net.client import client as client_of_settings
from federation.net.guard import Policy
from federation.net.tls import shared_context
from federation.signatures.sign import Scheme, Signer
from tests.factories.loopback import Peer, Seen, answer, client_for
from tests.factories.signed_requests import rsa_key

SIGNER = Signer("https://hub.example/ap/actors/1#main-key", rsa_key())
NAME = "peer.example"


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def serving(authority, *names, maximum=ssl.TLSVersion.TLSv1_3, old=False, **options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if old:
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    else:
        context.maximum_version = maximum
    authority.issue_cert(*names, **options).configure_cert(context)
    return context


def reaching(peer, bundle, allow_http=False, **limits):
    policy = Policy((ip_network("127.0.0.0/8"),), allow_http, ports=frozenset({peer.port}))
    return client_for(policy, context=shared_context(bundle), resolver=lambda host, port: ["127.0.0.1"], **limits)


def fetch(client, peer, host=NAME):
    return client.get(f"https://{host}:{peer.port}/a", accept="*/*")


def test_a_certificate_for_the_name_is_accepted(authority, bundle):
    with Peer(lambda seen: answer(200, b"ok"), serving(authority, NAME)) as peer, reaching(peer, bundle) as client:
        assert fetch(client, peer).body == b"ok"
    assert peer.seen[0].headers["host"] == f"{NAME}:{peer.port}"


def test_the_name_is_sent_for_the_server_to_choose_by(authority, bundle):
    asked = []
    context = serving(authority, NAME)
    context.sni_callback = lambda sock, name, context: asked.append(name)
    with Peer(lambda seen: answer(), context) as peer, reaching(peer, bundle) as client:
        fetch(client, peer)
    assert asked == [NAME]


def refused(context, bundle, host=NAME):
    with (
        Peer(lambda seen: answer(), context) as peer,
        reaching(peer, bundle) as client,
        pytest.raises(TlsFailed) as failure,
    ):
        fetch(client, peer, host)
    assert peer.seen == []
    return failure.value


def test_a_certificate_for_another_name_is_refused(authority, bundle):
    refused(serving(authority, "other.example"), bundle)


def test_a_certificate_for_the_address_does_not_stand_for_the_name(authority, bundle):
    refused(serving(authority, "127.0.0.1"), bundle)


def test_the_common_name_alone_does_not_count(authority, bundle):
    refused(serving(authority, "ana@other.example", common_name=NAME), bundle)


def test_an_expired_certificate_is_refused(authority, bundle):
    refused(serving(authority, NAME, not_after=datetime.now(UTC) - timedelta(days=1)), bundle)


def test_an_unknown_authority_is_refused(bundle):
    assert refused(serving(trustme.CA(), NAME), bundle).holds is True


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_a_protocol_older_than_1_2_is_refused(authority, bundle):
    refused(serving(authority, NAME, old=True), bundle)


def test_tls_1_2_is_accepted(authority, bundle):
    context = serving(authority, NAME, maximum=ssl.TLSVersion.TLSv1_2)
    with Peer(lambda seen: answer(), context) as peer, reaching(peer, bundle) as client:
        assert fetch(client, peer).status == 200


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_plain_server_at_a_tls_port_is_a_failure_of_tls(bundle, said):
    with Peer(lambda seen: said) as peer, reaching(peer, bundle) as client:
        peer._read = lambda stream, number: stream.read1() and Seen("?", "?", {}, b"", number)
        with pytest.raises(TlsFailed):
            fetch(client, peer)


def test_a_handshake_that_hangs_is_a_time_out(bundle):
    with Peer(lambda seen: b"") as peer, reaching(peer, bundle, handshake=0.1) as client:
        peer._read = lambda stream, number: peer.stopped.wait(5)
        with pytest.raises(TimedOut):
            fetch(client, peer)


def test_without_the_extra_bundle_only_public_authorities_count(authority):
    refused(serving(authority, NAME), "")


def test_a_body_over_tls_that_drips_cannot_outlast_the_total(authority, bundle):
    def reply(seen):
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        yield from peer.drip(b"a")

    with (
        Peer(reply, serving(authority, NAME)) as peer,
        reaching(peer, bundle, idle=5, total=0.4) as client,
        pytest.raises(TimedOut),
    ):
        fetch(client, peer)


def test_two_posts_share_one_handshake(authority, bundle):
    with Peer(lambda seen: answer(202), serving(authority, NAME)) as peer, reaching(peer, bundle) as client:
        for _ in range(2):
            url = f"https://{NAME}:{peer.port}/inbox"
            client.post(url, b"{}", content_type="text/plain", signer=SIGNER, scheme=Scheme.CAVAGE)
    assert [seen.connection for seen in peer.seen] == [1, 1]


def test_a_connection_that_was_closed_over_tls_is_replaced(authority, bundle):
    def reply(seen):
        return b"" if len(peer.seen) == 2 else answer(202)

    with Peer(reply, serving(authority, NAME)) as peer, reaching(peer, bundle) as client:
        assert [fetch(client, peer).status, fetch(client, peer).status] == [202, 202]


def test_the_bundle_is_loaded_once_for_all_clients_and_connections(authority, bundle, monkeypatch):
    loaded = []
    load = ssl.SSLContext.load_verify_locations

    def counting(context, *args, **kwargs):
        loaded.append(args)
        return load(context, *args, **kwargs)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counting)
    monkeypatch.setattr(tls, "_contexts", {})
    with Peer(lambda seen: answer(), serving(authority, NAME)) as peer:
        for _ in range(3):
            with reaching(peer, bundle) as client:
                fetch(client, peer)
    assert peer.connections == 3
    assert len(loaded) == 2  # the public authorities, and the extra one


def test_threads_that_ask_at_once_get_the_same_context(monkeypatch):
    monkeypatch.setattr(tls, "_contexts", {})
    got = []
    threads = [Thread(target=lambda: got.append(shared_context())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(context) for context in got}) == 1


def test_the_shared_context_is_not_changed_by_connections(bundle):
    context = shared_context(bundle)
    context.set_alpn_protocols(["h2"])
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_what_urllib3_asks_for_at_each_connection_does_not_change_the_context(authority, bundle):
    context = serving(authority, NAME)
    context.set_alpn_protocols(["h2", "http/1.1"])
    shared_context(bundle).set_alpn_protocols(["h2"])
    with (
        Peer(lambda seen: b"", context) as peer,
        socket.create_connection((peer.host, peer.port)) as sock,
        shared_context(bundle).wrap_socket(sock, server_hostname=NAME) as wrapped,
    ):
        assert wrapped.selected_alpn_protocol() == "http/1.1"


def test_a_redirect_from_https_to_http_is_refused(authority, bundle):
    with (
        Peer(lambda seen: answer()) as plain,
        Peer(lambda seen: answer(302, Location=plain.url()), serving(authority, NAME)) as peer,
        reaching(peer, bundle, allow_http=True) as client,
        pytest.raises(Refused, match="https to http"),
    ):
        fetch(client, peer)
    assert plain.seen == []


def test_the_client_of_the_settings_trusts_the_bundle_that_they_name(authority, bundle, settings):
    settings.FEDERATION = {**settings.FEDERATION, "CA_BUNDLE": bundle, "ALLOW_PRIVATE": ["127.0.0.0/8"]}
    with (
        Peer(lambda seen: answer(), serving(authority, "127.0.0.1")) as peer,
        client_of_settings() as client,
    ):
        assert fetch(client, peer, "127.0.0.1").status == 200
