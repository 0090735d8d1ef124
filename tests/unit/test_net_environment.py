"""Nothing of the machine's environment, and nothing of earlier answers, reaches a request.

Fails if the session believes the environment, or hands out a manager for a proxy."""

import pytest

from federation.errors import Refused
from federation.net.exchange import Exchange, Terms, entered
from federation.net.location import read_location
from federation.net.session import GuardedSession
from federation.net.tls import shared_context
from tests.factories.loopback import LOOPBACK, Peer, answer, client_for


def fetch(client, url):
    return client.get(url, accept="*/*")


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_proxies_of_the_environment_are_not_used(monkeypatch, name):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Peer(lambda seen: answer(200, b"proxy")) as proxy, Peer(lambda seen: answer(200, b"peer")) as peer:
        monkeypatch.setenv(name, proxy.url())
        with client_for() as client:
            assert fetch(client, peer.url()).body == b"peer"
    assert proxy.connections == 0


def test_a_bundle_of_the_environment_is_not_used(monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with Peer(lambda seen: answer(200, b"ok")) as peer, client_for() as client:
        assert fetch(client, peer.url()).body == b"ok"


def test_passwords_in_netrc_are_not_sent(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ana password secret\ndefault login ana password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        fetch(client, peer.url())
    assert "authorization" not in peer.seen[0].headers


def test_cookies_are_neither_kept_nor_sent():
    with Peer(lambda seen: answer(Set_Cookie="id=1; Path=/")) as peer, client_for() as client:
        fetch(client, peer.url())
        fetch(client, peer.url())
        assert list(client._session.cookies) == []
    assert "cookie" not in peer.seen[1].headers


def test_a_request_has_no_headers_beyond_those_meant():
    with Peer(lambda seen: answer()) as peer, client_for() as client:
        fetch(client, peer.url())
    assert set(peer.seen[0].headers) == {"host", "accept", "accept-encoding", "user-agent"}


def test_a_redirect_is_not_read_to_its_end_by_requests():
    sent = []

    def endless(seen):
        if seen.target == "/end":
            return answer(200, b"end")
        return pieces()

    def pieces():
        yield b"HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n"
        while not peer.stopped.is_set():
            sent.append(1)
            yield b"x" * 65536

    with Peer(endless) as peer, client_for() as client:
        assert fetch(client, peer.url("/start")).body == b"end"
    assert len(sent) < 200  # what the sockets' buffers took


def test_the_session_itself_reads_no_environment(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with Peer(lambda seen: answer(200, b"peer")) as peer, entered(Exchange(Terms(LOOPBACK))) as exchange:
        exchange.begin(read_location(peer.url()), 100)
        assert GuardedSession(shared_context(), 1).get(peer.url()).content == b"peer"


def test_the_session_refuses_a_proxy_that_is_handed_to_it():
    session = GuardedSession(shared_context(), 1)
    with entered(Exchange(Terms(LOOPBACK))), pytest.raises(Refused):
        session.get("http://127.0.0.1:9/", proxies={"http": "http://127.0.0.1:9/"})


def test_the_session_dials_nothing_outside_of_an_exchange():
    with Peer(lambda seen: answer()) as peer, pytest.raises(LookupError):
        GuardedSession(shared_context(), 1).get(peer.url())
    assert peer.connections == 0
