"""Whatever way an address of a stranger's comes in, the guard judges it: each entrance to the network against addresses
inside, through the real client, with a server that listens there and is never spoken to. Which functions are entrances
the source itself says, so that one that is added without a case here fails the last test."""

from __future__ import annotations

import io
import json
import os
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
import trustme
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from federation import jobs
from federation.contract import Gesture
from federation.desk import FederationDesk
from federation.errors import Refused
from federation.models import Delivery, InboundActivity, LocalActor, RemoteActor, RemoteKey
from federation.models import Peer as Peer_
from federation.net.allowance import Allowance
from tests.factories import outbox
from tests.factories.entrances import ROOT, find_reaching
from tests.factories.fake_source import installed
from tests.factories.inbound import CONTEXT, followed, note, pem, remote_actor, said, signed_post, stored
from tests.factories.loopback import Peer, Seen, answer
from tests.factories.signed_requests import NOW, ed25519_key, rsa_key

pytestmark = pytest.mark.django_db
AS2 = "application/activity+json"
# Names and where they lead; every other name is looked up as usual.
DNS = {
    "inside.example": ["127.0.0.1"],
    "inside6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": ["10.0.0.1", "fd00::1", "0.0.0.0"],
}
INSIDE = [f"https://{name}" for name in DNS] + [
    "https://127.0.0.1:{port}",
    "http://127.0.0.1:{port}",
    "https://localhost:{port}",
    "https://hub.localhost:{port}",
    "https://127.1:{port}",
    "https://2130706433:{port}",
    "https://0x7f000001:{port}",
    "https://0.0.0.0:{port}",
    "https://[::1]:{port}",
    "https://[::ffff:127.0.0.1]:{port}",
    "https://ana@127.0.0.1:{port}",
    "https://inside.example:{port}",
]
# Lists that take note of every connection of this process: nothing that opens a socket can get past them.
_watching: list[list[Any]] = []


def _note_connection(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and arguments[0].type == socket.SOCK_STREAM:
        for dialled in _watching:
            dialled.append(arguments[1])


sys.addaudithook(_note_connection)


@dataclass(frozen=True)
class World:
    """``peer`` is the origin of a server that may be talked to, on 127.0.0.2; ``inside`` where nobody may go."""

    peer: str
    inside: str
    actor: LocalActor

    @property
    def host(self) -> str:
        return self.inside.partition("://")[2]

    @property
    def may_pass(self) -> bool:
        """A name that leads inside today may lead elsewhere tomorrow; a spelling never will."""
        return self.host in DNS

    @property
    def refusals(self) -> tuple[int, ...]:
        return (503,) if self.may_pass else (400, 401)

    @property
    def outcome(self) -> str:
        return "waiting" if self.may_pass else "failed"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    made = trustme.CA()
    bundle = tmp_path_factory.mktemp("authority") / "authority.pem"
    made.cert_pem.write_to_path(str(bundle))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.2").configure_cert(context)
    return bundle, context


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    """Listens inside, and is the proxy that the environment names. It hangs up on whoever comes."""
    with Peer(lambda seen: b"") as listening:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, listening.url())
            monkeypatch.setenv(name.lower(), listening.url())
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield listening


@pytest.fixture
def make_world(
    monkeypatch: pytest.MonkeyPatch, settings: Any, authority: tuple[Path, ssl.SSLContext], trap: Peer
) -> Iterator[Callable[[str], World]]:
    bundle, context = authority
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    monkeypatch.setattr("federation.views.inbox.timezone.now", lambda: NOW)
    monkeypatch.setattr("federation.way_home.allowance", Allowance(block=1000, altogether=1000))
    look_up = socket.getaddrinfo
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda host, *rest, **named: (
            [(0, 0, 0, "", (address, 443)) for address in DNS[host]] if host in DNS else look_up(host, *rest, **named)
        ),
    )
    installed(settings)
    settings.FEDERATION = {**settings.FEDERATION, "ALLOW_PRIVATE": ["127.0.0.2/32"], "CA_BUNDLE": str(bundle)}
    with Peer(lambda seen: _reply(world, seen), context, address="127.0.0.2") as peer:
        actor = outbox.organisation()
        world = World(f"https://127.0.0.2:{peer.port}", "", actor)

        def make(inside: str) -> World:
            nonlocal world
            world = World(world.peer, inside.format(port=trap.port), actor)
            return world

        yield make


def _reply(world: World, seen: Seen) -> bytes:
    """What the server on 127.0.0.2 says: honest about itself, and full of addresses inside."""
    path = seen.target.partition("?")[0]
    person = f"{world.peer}/users/ana"
    key = {"id": f"{person}#main-key", "owner": person, "publicKeyPem": pem(rsa_key())}
    stray = key | {"id": f"{world.peer}/keys/1", "owner": f"{world.peer}/users/moved"}
    pages: dict[str, dict[str, Any]] = {
        "/users/ana": {
            "@context": [
                CONTEXT,
                "https://w3id.org/security/v1",
                {"webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger"},
            ],
            "id": person,
            "type": "Person",
            "preferredUsername": "ana",
            "webfinger": f"ana@{world.host}",
            "inbox": f"{person}/inbox",
            "publicKey": key,
        },
        "/keys/1": {"@context": [CONTEXT, "https://w3id.org/security/v1"], **stray},
        "/notes/1": note(f"{world.peer}/notes/1", owner=f"{world.peer}/users/moved"),
    }
    if path in pages:
        return answer(200, json.dumps(pages[path]).encode(), Content_Type=AS2)
    if path == "/.well-known/webfinger" and "meta" not in seen.target:
        links = [{"rel": "self", "type": AS2, "href": f"{world.inside}/users/eve"}]
        subject = f"acct:ana@{world.peer.removeprefix('https://')}"
        found = json.dumps({"subject": subject, "links": links}).encode()
        return answer(200, found, Content_Type="application/jrd+json")
    if path == "/.well-known/host-meta":
        link = f'<Link rel="lrdd" template="{world.inside}/wf?r={{uri}}"/>'
        xrd = f'<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">{link}</XRD>'
        return answer(200, xrd.encode(), Content_Type="application/xrd+xml")
    if path == "/users/moved" or seen.method == "POST":
        return answer(307, Location=f"{world.inside}{seen.target}")
    return answer(404)


# The entrances: each takes an address inside the way that a stranger's comes, and checks what became of it.


def _post(document: dict[str, Any], key_id: str, path: str = "/ap/inbox") -> int:
    signed = signed_post(document, key_id=key_id, url=f"https://hub.example{path}")
    return _send(path, signed.body, signed.headers)


def _send(path: str, body: bytes, headers: Any) -> int:
    return Client().generic("POST", path, body, content_type=AS2, headers=dict(headers)).status_code


def _handle(document: dict[str, Any]) -> InboundActivity:
    row = stored(document, signer=document["actor"])
    jobs.dispatch(_context())
    row.refresh_from_db()
    return row


def _context() -> Any:
    return SimpleNamespace(additional_context={"stopping": threading.Event()})


def key_of_a_post(world: World) -> None:
    eve = f"{world.inside}/users/eve"
    assert _post(said("Like", world.actor.uri, actor=eve), f"{eve}#main-key") in world.refusals


def key_of_a_post_to_one_actor(world: World) -> None:
    eve = f"{world.inside}/users/eve"
    path = f"{world.actor.uri.removeprefix('https://hub.example')}/inbox"
    assert _post(said("Like", world.actor.uri, actor=eve), f"{eve}#main-key", path) in world.refusals


def key_that_is_a_handle(world: World) -> None:
    eve = f"https://{world.host}/users/eve"
    assert _post(said("Like", world.actor.uri, actor=eve), f"acct:eve@{world.host}") in world.refusals


def key_of_a_proof(world: World) -> None:
    eve = f"{world.inside}/users/eve"
    proof = {"type": "DataIntegrityProof", "verificationMethod": f"{eve}#key", "proofValue": f"z{'2' * 88}"}
    body = json.dumps(said("Like", world.actor.uri, actor=eve) | {"proof": proof}).encode()
    assert _send("/ap/inbox", body, {}) in world.refusals


def key_behind_a_redirect(world: World) -> None:
    moved = f"{world.peer}/users/moved"
    assert _post(said("Like", world.actor.uri, actor=moved), f"{moved}#main-key") in world.refusals


def owner_of_a_key_behind_a_redirect(world: World) -> None:
    moved = f"{world.peer}/users/moved"
    assert _post(said("Like", world.actor.uri, actor=moved), f"{world.peer}/keys/1") in world.refusals


def handle_that_a_profile_claims(world: World) -> None:
    """The profile is sound, and so is the signature; only the handle cannot be asked for."""
    ana = f"{world.peer}/users/ana"
    assert _post(said("Like", world.actor.uri, actor=ana), f"{ana}#main-key") == 202
    assert RemoteActor.objects.get(uri=ana).handle == f"ana@{world.peer.removeprefix('https://')}"


def key_that_has_to_be_looked_at_again(world: World) -> None:
    """Known here, and wrong by now; since then its server leads inside."""
    moved = f"{world.peer}/users/moved"
    old = remote_actor(moved)
    day_before = NOW - timedelta(hours=23)
    key = pem(ed25519_key())
    RemoteKey.objects.create(key_id=f"{moved}#main-key", actor=old, public=key, fetched_at=day_before)
    assert _post(said("Like", world.actor.uri, actor=moved), f"{moved}#main-key") == 401


def follower(world: World) -> None:
    eve = f"{world.inside}/users/eve"
    assert _handle(said("Follow", world.actor.uri, actor=eve)).state == world.outcome


def object_of_a_create(world: World) -> None:
    ana = followed(remote_actor(f"{world.peer}/users/ana"), world.actor).remote.uri
    assert _handle(said("Create", f"{world.inside}/notes/1", actor=ana)).state == world.outcome


def object_of_an_update(world: World) -> None:
    ana = followed(remote_actor(f"{world.peer}/users/ana"), world.actor).remote.uri
    assert _handle(said("Update", f"{world.inside}/notes/1", actor=ana)).state == world.outcome


def object_of_a_boost(world: World) -> None:
    ana = followed(remote_actor(f"{world.peer}/users/ana"), world.actor).remote.uri
    assert _handle(said("Announce", f"{world.inside}/notes/1", actor=ana)).state == world.outcome


def author_of_what_was_boosted(world: World) -> None:
    ana = followed(remote_actor(f"{world.peer}/users/ana"), world.actor).remote.uri
    assert _handle(said("Announce", f"{world.peer}/notes/1", actor=ana)).state == world.outcome


def profile_that_changed(world: World) -> None:
    moved = remote_actor(f"{world.peer}/users/moved").uri
    assert _handle(said("Update", moved, actor=moved)).state == world.outcome


def inbox_of_a_follower(world: World) -> None:
    """An inbox that cannot even be read is never kept; should one be, it is never sent to."""
    outbox.follow(world.actor, f"{world.peer}/users/fan", inbox=f"{world.inside}/inbox")
    try:
        outbox.publish()
    except Refused:
        return
    jobs.deliver(_context())
    assert Delivery.objects.get().state == ("waiting" if world.may_pass else "refused")


def inbox_that_redirects(world: World) -> None:
    outbox.follow(world.actor, f"{world.peer}/users/fan", inbox=f"{world.peer}/inbox")
    outbox.publish()
    jobs.deliver(_context())
    assert (Delivery.objects.get().state, Delivery.objects.get().status) == ("waiting", 307)


def follower_whose_inbox_is_lost(world: World) -> None:
    long_ago = NOW - timedelta(days=9)
    fan = outbox.follow(world.actor, f"{world.peer}/users/moved", fetched_at=long_ago).remote
    outbox.publish()
    Delivery.objects.update(state="refused", status=410, first_attempt=NOW, attempted_at=NOW, done_at=NOW)
    jobs.lost_inboxes(0)
    fan.refresh_from_db()
    assert (fan.asked_at, fan.gone_at, fan.fetched_at) == (NOW, None, long_ago)


def key_that_a_neighbour_listed_first(world: World) -> None:
    moved = f"{world.peer}/users/moved"
    neighbour = remote_actor(f"{world.peer}/users/neighbour")
    RemoteKey.objects.create(
        key_id=f"{moved}#main-key", actor=neighbour, public=pem(ed25519_key()), fetched_at=NOW - timedelta(minutes=1)
    )
    assert _post(said("Like", world.actor.uri, actor=moved), f"{moved}#main-key") in world.refusals


def server_that_failed_for_long(world: World) -> None:
    """One that cannot even be read has no row."""
    try:
        outbox.follow(world.actor, f"{world.inside}/users/fan", inbox=f"{world.inside}/inbox")
        outbox.publish()
    except Refused:
        return
    Peer_.objects.update(failing_since=NOW - timedelta(days=9), holds=5)
    jobs.probe_servers(0)


def page_that_a_profile_names(world: World) -> None:
    """Of the three, the last leads inside by a redirect."""
    lines = [f"{world.inside}/about", f"{world.inside}:443/", f"{world.peer}/users/moved"]
    fields = tuple(("Page", f'<a href="{address}" rel="me">x</a>') for address in lines)
    outbox.describe(fields=fields)
    jobs.links(0)
    found = set(world.actor.links.values_list("state", flat=True))
    assert found <= {"unreachable", "unsafe"}
    assert found


def _refuses_to_follow(whom: str) -> None:
    with pytest.raises(CommandError):
        call_command("follow", whom, follower="partner", stdout=io.StringIO())


def address_to_follow(world: World) -> None:
    _refuses_to_follow(f"{world.inside}/users/eve")


def handle_to_follow(world: World) -> None:
    _refuses_to_follow(f"@eve@{world.host}")


def handle_that_leads_inside(world: World) -> None:
    _refuses_to_follow(f"@ana@{world.peer.removeprefix('https://')}")


def handle_whose_host_points_inside(world: World) -> None:
    _refuses_to_follow(f"@meta@{world.peer.removeprefix('https://')}")


def _finds_no_way(world: World, typed: str) -> None:
    way = FederationDesk().fetch_way_home(Gesture.FOLLOW, world.actor.key, typed, "203.0.113.1")
    assert world.host not in way.address


def server_of_a_reader(world: World) -> None:
    _finds_no_way(world, f"{world.inside}/")


def account_of_a_reader(world: World) -> None:
    _finds_no_way(world, f"@eve@{world.host}")


def account_of_a_reader_whose_host_points_inside(world: World) -> None:
    _finds_no_way(world, f"@meta@{world.peer.removeprefix('https://')}")


def account_of_a_reader_on_a_server_inside(world: World) -> None:
    """Its NodeInfo is asked for, where the account's own server is."""
    _finds_no_way(world, f"@ana@{world.peer.removeprefix('https://')}")


ENTRANCES: list[Callable[[World], None]] = [
    key_of_a_post,
    key_of_a_post_to_one_actor,
    key_that_is_a_handle,
    key_of_a_proof,
    key_behind_a_redirect,
    owner_of_a_key_behind_a_redirect,
    handle_that_a_profile_claims,
    key_that_has_to_be_looked_at_again,
    follower,
    object_of_a_create,
    object_of_an_update,
    object_of_a_boost,
    author_of_what_was_boosted,
    profile_that_changed,
    inbox_of_a_follower,
    inbox_that_redirects,
    follower_whose_inbox_is_lost,
    key_that_a_neighbour_listed_first,
    server_that_failed_for_long,
    page_that_a_profile_names,
    address_to_follow,
    handle_to_follow,
    handle_that_leads_inside,
    handle_whose_host_points_inside,
    server_of_a_reader,
    account_of_a_reader,
    account_of_a_reader_whose_host_points_inside,
    account_of_a_reader_on_a_server_inside,
]


@contextmanager
def nothing_dialled_but(peer: str) -> Iterator[None]:
    dialled: list[Any] = []
    _watching.append(dialled)
    try:
        yield
    finally:
        _watching.remove(dialled)
    assert {f"https://{host}:{port}" for host, port, *_ in dialled} <= {peer}


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside never was. It counts as the transaction of a test, in which others may be asked."""
    with transaction.atomic():
        connection.atomic_blocks[-1]._from_testcase = True
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("enter", ENTRANCES, ids=lambda enter: enter.__name__)
def test_no_entrance_leads_inside(
    make_world: Callable[[str], World], trap: Peer, subtests: pytest.Subtests, enter: Callable[[World], None]
) -> None:
    """Fails if ``dial`` does not judge addresses (names), if ``check_url`` lets addresses or ports through (spellings),
    if a redirect is not judged, or if the session believes the environment (proxies)."""
    for inside in INSIDE:
        with subtests.test(inside=inside), undone():
            world = make_world(inside)
            with nothing_dialled_but(world.peer):
                enter(world)
            assert trap.connections == 0


def test_every_function_that_can_reach_the_network_is_tried_above(make_world: Callable[[str], World]) -> None:
    """Which these are is read from the source. Fails if a function that fetches is added to a handler, job, view or
    command and no entrance above goes through it."""
    world = make_world("https://inside.example")
    entered: set[str] = set()

    def note_call(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(f"{ROOT}{os.sep}federation"):
            entered.add(f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}")

    threading.setprofile(note_call)
    sys.setprofile(note_call)
    try:
        for enter in ENTRANCES:
            with undone():
                enter(world)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert find_reaching() - entered == set()


def test_the_entrances_are_found_at_all() -> None:
    """Fails if imports from the folder above are not followed, or methods not joined to their class."""
    assert {
        "federation.views.inbox.shared_inbox",
        "federation.jobs.deliver",
        "federation.jobs.dispatch",
        "federation.jobs.lost_inboxes",
        "federation.management.commands.follow.Command.handle",
        "federation.inbox.handlers.announce.fetch",
        "federation.outbox.pump.Pump._work",
        "federation.desk.FederationDesk.fetch_way_home",
    } <= find_reaching()
