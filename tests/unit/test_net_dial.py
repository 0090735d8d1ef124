"""The connection goes to an address that was judged, whatever the name resolves to at another time.

Fails if ``dial`` connects to the name, judges nothing, or does not look at the socket's other end."""

import socket
import threading
import time
from ipaddress import ip_network

import pytest

from federation.errors import ConnectFailed, DnsFailed, NotPublic, Refused
from federation.net.dial import dial
from federation.net.exchange import Exchange, Limits, Terms
from federation.net.guard import Policy
from federation.net.location import Location, read_location
from federation.net.lookup import look_up, own_addresses, resolve
from federation.net.sockets import PacedSocket
from tests.factories.loopback import LOOPBACK, Peer, answer, client_for

NAMED = Location("https", "peer.example", 443, "/")


class Names:
    """A resolver that gives one answer after the other, and counts."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, host, port):
        self.asked.append((host, port))
        return self.answers.pop(0)


@pytest.fixture
def dialled(monkeypatch):
    """Where connections would have gone."""
    tried = []

    def connect(sock, address):
        tried.append(address)
        raise ConnectionRefusedError("played by the test")

    monkeypatch.setattr(PacedSocket, "connect", connect)
    return tried


def open_with(resolver, policy=None, location=NAMED):
    return dial(Exchange(Terms(policy or Policy(), Limits(), resolver)), location)


def test_a_name_is_looked_up_once_and_the_judged_address_is_dialled(dialled):
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(ConnectFailed):
        open_with(names)
    assert (names.asked, dialled) == ([("peer.example", 443)], [("93.184.216.34", 443)])


def test_a_name_that_moved_to_loopback_is_refused_at_the_next_connection(dialled):
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(ConnectFailed):
        open_with(names)
    with pytest.raises(Refused):
        open_with(names)
    assert len(dialled) == 1


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "10.0.0.7", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0"]
)
def test_a_name_for_a_private_address_is_never_dialled(dialled, address):
    with pytest.raises(NotPublic) as refused:
        open_with(Names([address]))
    assert dialled == []
    assert refused.value.temporary, "a resolver may answer wrongly for an hour; nothing may be lost by it"
    assert refused.value.holds


def test_of_mixed_addresses_only_the_public_ones_are_dialled(dialled):
    with pytest.raises(ConnectFailed):
        open_with(Names(["127.0.0.1", "93.184.216.34", "fd00::1", "2606:4700:4700::1111"]))
    assert [address[0] for address in dialled] == ["93.184.216.34", "2606:4700:4700::1111"]


def test_only_the_first_addresses_are_tried(dialled):
    with pytest.raises(ConnectFailed):
        open_with(Names([f"93.184.216.{n}" for n in range(1, 100)]))
    assert len(dialled) == 4


def test_an_address_that_is_given_twice_is_tried_once(dialled):
    with pytest.raises(ConnectFailed):
        open_with(Names(["93.184.216.34"] * 3))
    assert len(dialled) == 1


def test_the_peer_of_the_socket_is_checked_once_more(monkeypatch):
    monkeypatch.setattr(PacedSocket, "connect", lambda sock, address: None)
    monkeypatch.setattr(PacedSocket, "getpeername", lambda sock: ("127.0.0.1", 443))
    with pytest.raises(Refused, match=r"connected to 127\.0\.0\.1"):
        open_with(Names(["93.184.216.34"]))


def test_the_own_public_address_is_not_dialled_under_any_name(dialled):
    policy = Policy(own_addresses=frozenset({socket_address("93.184.216.34")}))
    with pytest.raises(Refused):
        open_with(Names(["93.184.216.34"]), policy)
    assert dialled == []


def socket_address(text):
    return read_location(f"http://{text}/").literal


def test_localhost_is_loopback_without_asking():
    names = Names()
    with Peer(lambda seen: b"") as peer:
        sock = open_with(names, LOOPBACK, read_location(f"http://hub.localhost:{peer.port}/"))
        with sock:
            assert sock.getpeername() == ("127.0.0.1", peer.port)
    assert names.asked == []


@pytest.mark.parametrize("address", [[], ["not an address"]])
def test_a_name_without_an_address_is_a_failure_of_dns(address):
    with pytest.raises(DnsFailed):
        open_with(Names(address))


def test_a_failed_lookup_holds_the_origin():
    def resolver(host, port):
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with pytest.raises(DnsFailed) as failure:
        open_with(resolver)
    assert failure.value.holds is True


def test_a_lookup_that_hangs_is_left_to_itself():
    release = threading.Event()

    def resolver(host, port):
        release.wait(10)
        return []

    started = time.monotonic()
    with pytest.raises(DnsFailed, match="in time"):
        look_up(resolver, "peer.example", 443, 0.05)
    release.set()
    assert time.monotonic() - started < 2


def test_lookups_use_a_thread_again():
    def resolver(host, port):
        threads.add(threading.get_ident())
        return ["93.184.216.34"]

    threads = set()
    for _ in range(20):
        look_up(resolver, "peer.example", 443, 5)
    assert len(threads) == 1


def test_a_refused_connection_holds_the_origin():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectFailed) as failure, client_for() as client:
        client.get(f"http://127.0.0.1:{port}/", accept="*/*")
    assert failure.value.holds is True


def test_every_new_connection_is_looked_up_and_judged_again():
    names = Names(["127.0.0.2"], ["127.0.0.1"])
    with Peer(lambda seen: answer(), address="127.0.0.2") as peer:
        policy = Policy(allow_private=(ip_network("127.0.0.2/32"),))
        here = Location("https", "peer.example", peer.port, "/")
        open_with(names, policy, here).close()
        with pytest.raises(Refused):
            open_with(names, policy, here)


def test_the_system_resolver_gives_addresses_as_text():
    assert "127.0.0.1" in resolve("localhost", 443)


def test_own_addresses_are_addresses_of_interfaces():
    for address in own_addresses():
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.bind((str(address), 0))  # raises unless this machine has the address
