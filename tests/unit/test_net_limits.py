"""No peer can hold a thread or fill the memory, however it drips or swells. Limits are small here, so no test waits.

Fails if ``body`` believes no announced length, reads past its limit, unpacks in one piece or what nobody asked for; if
``transport`` lets the head grow; if ``Exchange.wait`` forgets the total; and never ends if ``took`` counts nothing."""

import gzip
import zlib

import pytest
from urllib3.response import GzipDecoder

from federation.errors import AnswerTooLarge, BadAnswer, ConnectFailed, TimedOut
from federation.net.exchange import Exchange, Limits, Terms
from federation.net.guard import Policy
from federation.signatures.sign import Scheme, Signer
from tests.factories.loopback import Peer, answer, client_for
from tests.factories.signed_requests import rsa_key

SIGNER = Signer("https://hub.example/ap/actors/1#main-key", rsa_key())
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
KIB = 1024


def fetch(client, peer, limit=KIB):
    return client.get(peer.url("/a"), accept="*/*", limit=limit)


def deliver(client, peer):
    return client.post(peer.url("/a"), b"{}", content_type="text/plain", signer=SIGNER, scheme=Scheme.CAVAGE)


def refused(error, reply, **limits):
    """Fetches from a peer that answers with ``reply(peer)``, and expects the error."""
    with Peer(lambda seen: reply(peer)) as peer, client_for(**limits) as client, pytest.raises(error) as failure:
        fetch(client, peer)
    return failure.value


def then(first, rest):
    yield first
    yield from rest


def test_silence_is_a_time_out():
    assert refused(TimedOut, lambda peer: peer.drip(b"", 5), idle=0.05).holds is True


def test_headers_that_drip_cannot_outlast_the_total():
    refused(TimedOut, lambda peer: then(HEAD, peer.drip(b"a: b\r\n")), idle=5, total=0.2)


def test_a_header_line_that_drips_cannot_outlast_the_total():
    refused(TimedOut, lambda peer: then(HEAD, peer.drip(b"a")), idle=5, total=0.2)


def test_a_body_that_drips_cannot_outlast_the_total():
    head = HEAD + b"Content-Length: 1000\r\n\r\n"
    refused(TimedOut, lambda peer: then(head, peer.drip(b"a")), idle=5, total=0.2)


def test_chunks_that_drip_cannot_outlast_the_total():
    refused(TimedOut, lambda peer: then(CHUNKED, peer.drip(b"1\r\na\r\n")), idle=5, total=0.2)


def test_redirects_share_one_total():
    def reply(peer, seen):
        peer.stopped.wait(0.15)
        return answer(302, Location=seen.target + "a")

    with (
        Peer(lambda seen: reply(peer, seen)) as peer,
        client_for(idle=5, total=0.3) as client,
        pytest.raises(TimedOut),
    ):
        fetch(client, peer)
    assert len(peer.seen) < 4


def test_a_peer_that_takes_no_bytes_is_a_time_out():
    with Peer(lambda seen: answer()) as peer, client_for(idle=0.1) as client:
        peer._read = lambda stream, number: peer.stopped.wait(5)
        with pytest.raises(TimedOut):
            client.post(peer.url(), b"x" * 20_000_000, content_type="a/b", signer=SIGNER, scheme=Scheme.CAVAGE)


def test_a_delivery_counts_as_soon_as_its_status_is_known():
    head = b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n"
    with Peer(lambda seen: then(head, peer.drip(b"a"))) as peer, client_for(idle=5, total=0.2) as client:
        assert deliver(client, peer).status == 202


def test_a_delivery_with_an_endless_answer_reads_little_of_it():
    sent = []

    def endless(peer):
        yield b"HTTP/1.1 202 Accepted\r\n\r\n"
        while not peer.stopped.is_set():
            sent.append(1)
            yield b"x" * 65536

    with Peer(lambda seen: endless(peer)) as peer, client_for() as client:
        assert deliver(client, peer).body == b"x" * KIB
    # what a socket's buffers hold, not what was read
    assert len(sent) < 200


def endless(piece):
    def reply(peer):
        yield piece[0]
        while not peer.stopped.is_set():
            yield piece[1] * 100

    return reply


def test_an_endless_body_is_too_large():
    refused(AnswerTooLarge, endless((HEAD + b"\r\n", b"x")))


def test_endless_headers_are_a_bad_answer():
    refused(BadAnswer, endless((HEAD, b"a: b\r\n")))


def test_one_endless_header_is_too_large():
    refused(AnswerTooLarge, endless((HEAD, b"a")))


def test_endless_interim_answers_are_too_large():
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    refused(AnswerTooLarge, endless((interim, interim)))


def test_headers_of_the_usual_size_pass():
    raw = HEAD + b"".join(b"h%d: %s\r\n" % (n, b"v" * 300) for n in range(90)) + b"Content-Length: 2\r\n\r\nok"
    with Peer(lambda seen: raw) as peer, client_for() as client:
        assert fetch(client, peer).body == b"ok"


def test_an_announced_length_over_the_limit_is_refused_unread():
    refused(AnswerTooLarge, lambda peer: then(HEAD + b"Content-Length: 1025\r\n\r\n", peer.drip(b"a", 5)), idle=1)


@pytest.mark.parametrize(("size", "passes"), [(KIB, True), (KIB + 1, False)])
def test_the_limit_is_exact(size, passes):
    body = b"x" * size
    chunk = CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (size, body)
    with Peer(lambda seen: chunk) as peer, client_for() as client:
        if passes:
            assert fetch(client, peer).body == body
        else:
            with pytest.raises(AnswerTooLarge):
                fetch(client, peer)


def test_an_answer_that_is_given_up_is_hung_up_on():
    with Peer(lambda seen: HEAD + b"Content-Length: 1025\r\n\r\n") as peer, client_for() as client:
        with pytest.raises(AnswerTooLarge) as failure:
            fetch(client, peer)
        assert peer.ended.wait(5), failure


def test_an_answer_over_the_limit_does_not_hold_the_origin():
    assert refused(AnswerTooLarge, endless((HEAD + b"\r\n", b"x"))).holds is False


def packed(size):
    packer = zlib.compressobj(9, wbits=31)
    return packer.compress(bytes(size)) + packer.flush()


def test_gzip_is_unpacked():
    with (
        Peer(lambda seen: answer(200, gzip.compress(b"hello"), content_encoding="gzip")) as peer,
        client_for() as client,
    ):
        assert fetch(client, peer).body == b"hello"


def test_a_bomb_is_given_up_when_its_unpacked_size_reaches_the_limit(monkeypatch):
    unpacked = []
    unpack = GzipDecoder.decompress

    def counting(decoder, *args, **kwargs):
        data = unpack(decoder, *args, **kwargs)
        unpacked.append(len(data))
        return data

    monkeypatch.setattr(GzipDecoder, "decompress", counting)
    bomb = packed(50_000_000)  # 50 kB on the wire
    with (
        Peer(lambda seen: answer(200, bomb, content_encoding="gzip")) as peer,
        client_for() as client,
        pytest.raises(AnswerTooLarge),
    ):
        fetch(client, peer, limit=KIB * KIB)
    assert KIB * KIB < sum(unpacked) < 2 * KIB * KIB


def test_a_bomb_in_an_answer_to_a_delivery_is_not_unpacked_at_all():
    bomb = packed(50_000_000)
    with Peer(lambda seen: answer(202, bomb, content_encoding="gzip")) as peer, client_for() as client:
        assert deliver(client, peer).body == bomb[:KIB]


def test_endless_empty_members_of_gzip_are_too_large_on_the_wire():
    refused(AnswerTooLarge, endless((HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b""))))


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "compress"])
def test_only_gzip_is_understood(encoding):
    refused(BadAnswer, lambda peer: answer(200, b"x", content_encoding=encoding))


def test_damaged_gzip_is_a_bad_answer():
    refused(BadAnswer, lambda peer: answer(200, b"\x1f\x8bnonsense", content_encoding="gzip"))


def test_an_answer_that_is_cut_short_is_a_broken_connection():
    refused(ConnectFailed, lambda peer: [HEAD + b"Content-Length: 100\r\n\r\nabc", b""])


def test_a_length_that_contradicts_itself_is_a_bad_answer():
    refused(BadAnswer, lambda peer: HEAD + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde")


def test_the_total_runs_by_the_clock_of_the_exchange():
    now = [0.0]
    exchange = Exchange(Terms(Policy(), Limits(total=30), monotonic=lambda: now[0]))
    assert exchange.wait(10) == 10
    now[0] = 25.0
    assert exchange.wait(10) == 5
    now[0] = 30.0
    with pytest.raises(TimedOut):
        exchange.wait(10)


def test_the_usual_limits_are_those_of_the_protocol():
    limits = Limits()
    assert (limits.connect, limits.handshake, limits.idle, limits.total, limits.head) == (5, 5, 10, 30, 32 * KIB)


def test_all_calls_of_a_client_share_one_time_if_it_has_one():
    """Fails if ``Exchange`` does not know the latest moment."""
    with Peer(lambda seen: answer()) as peer, client_for(altogether=0.0) as client, pytest.raises(TimedOut):
        client.get(peer.url(), accept="*/*")


def test_a_later_call_has_only_what_an_earlier_one_left():
    now = [0.0]
    terms = Terms(Policy(), Limits(total=30), monotonic=lambda: now[0])
    now[0] = 50.0
    assert Exchange(terms, latest=60.0).wait(30) == 10


def test_a_client_without_such_a_time_never_grows_tired():
    assert Limits().altogether == float("inf")
