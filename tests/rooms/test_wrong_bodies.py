"""Bodies that no sound server sends, each a real document with something wrong in it. Ten thousand are read; some
hundreds are signed as they should be, received through ``config.wsgi`` and handled by the worker's own code, which must
give an outcome to each. ``COMMONWIRE_SOAK=1`` takes all 136,000 of them the whole way. They are the same in every run.
"""

from __future__ import annotations

import logging
import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.utils import timezone
from django.utils.http import http_date

from federation.errors import BadInput
from federation.inbox.dispatch import drain
from federation.inbox.envelope import read_envelope
from federation.inbox.outcome import State
from federation.inbox.replay import identity
from federation.models import InboundActivity, RemoteKey, RemoteObject
from federation.net.client import Answer, Client
from federation.net.exchange import check_required
from federation.signatures.keys import public_multibase
from federation.vocab.parse import parse_activity, parse_actor, parse_key_document, parse_object
from tests.factories.inbound import (
    ANA,
    BEN,
    INBOX,
    ORG,
    PUBLIC,
    followed,
    local_actor,
    note,
    remote_actor,
    said,
    without_signing,
)
from tests.factories.raw_requests import Sent, ask, kept_connection
from tests.factories.signed_requests import by_hand_cavage, ed25519_key, post, with_headers
from tests.factories.wrong_documents import (
    BOOSTED,
    CARL,
    KINDS,
    Wrong,
    activities,
    every_wrong,
    one_of_each,
    profile,
    to_body,
)

AS2 = "application/activity+json"
LIMIT = 1_048_576
SOAK = os.environ.get("COMMONWIRE_SOAK") == "1"
ACTIVITIES = activities()
READ = 1 if SOAK else 13  # of 136,000, every so many
KEY = f"{ANA}#main-key"
NAMED = "https://peer.example/notes/2"


def bodies(name: str, every: int) -> Iterator[Wrong]:
    """Of one document, every so many of them; where it begins differs between documents."""
    return islice(every_wrong(ACTIVITIES[name], name), sum(name.encode()) % every, None, every)


def dealt(documents: Collection[str], name: str, kinds: list[str]) -> list[str]:
    """Those kinds of wrongness that fall to this document, as cards do."""
    return kinds[list(documents).index(name) :: len(documents)]


def handled(documents: Collection[str], name: str, document: dict[str, Any], kinds: list[str]) -> Iterable[Wrong]:
    """Of one document, what goes the whole way."""
    return every_wrong(document, name) if SOAK else one_of_each(document, name, dealt(documents, name, kinds))


def check_refusal(error: BadInput) -> None:
    assert error.status in (400, 413)
    assert len(error.sentence.split()) >= 3


def read(body: bytes) -> dict[str, Any] | None:
    """All that is read of a body before anything is stored or asked; None for what is refused, with a sentence."""
    try:
        envelope = read_envelope(body, AS2, LIMIT)
        activity = parse_activity(envelope.document)
    except BadInput as error:
        check_refusal(error)
        return None
    assert len(identity(activity, "0" * 64).encode()) < 2000
    for reader in (parse_object, parse_actor, lambda document: parse_key_document(document, KEY)):
        for document in (activity.object, envelope.document):
            try:
                if document is not None:
                    reader(document)
            except BadInput as error:
                check_refusal(error)
    return activity.raw


def test_ten_thousand_bodies_are_read_or_refused_in_words() -> None:
    """Fails if a reader lets anything but BadInput out (tried: ``moment`` without its ``except``, ``text`` without its
    look at the type), or if a refusal says nothing (tried: no sentence in BadInput)."""
    seen: Counter[bool] = Counter()
    for name in ACTIVITIES:
        for kind, where, make in bodies(name, READ):
            body = make()
            try:
                seen[read(body) is not None] += 1
            except Exception as error:
                raise AssertionError(f"{name}, {where}, {kind}: {error!r} for {body[:500]!r}") from error
    assert seen.total() >= 10_000
    assert min(seen.values()) >= 2_000, "both what is taken and what is refused was seen"


@dataclass
class Web:
    """The bytes that other servers answer with; 404 for all else."""

    pages: dict[str, bytes] = field(default_factory=dict)

    def get(self, url: str, **_: Any) -> Answer:
        check_required()
        body = self.pages.get(url.partition("#")[0])
        return Answer(404, {}, b"", url) if body is None else Answer(200, {"content-type": AS2}, body, url)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    found = Web()
    monkeypatch.setattr(Client, "get", found.get)
    without_signing(monkeypatch)
    with kept_connection():
        yield found


@pytest.fixture
def world(web: Web) -> None:
    """Our organisation follows Ana, who follows it; something of hers and something boosted is here."""
    organisation = local_actor()
    ana = remote_actor(ANA, fetched_at=timezone.now())
    RemoteKey.objects.create(
        key_id=KEY, actor=ana, public=public_multibase(ed25519_key().public_key()), fetched_at=timezone.now()
    )
    followed(ana, organisation)
    organisation.followers.create(remote=ana, follow_uri=f"{ANA}/follow", follow={})
    RemoteObject.objects.create(uri="https://peer.example/notes/1", actor=ana, kind="Note", received_at=timezone.now())
    web.pages[CARL] = to_body(profile(CARL))
    web.pages[ANA] = to_body(profile())
    web.pages[BOOSTED] = to_body(note(BOOSTED, owner=CARL))
    web.pages[NAMED] = to_body(note(NAMED))


def signed(body: bytes, now: datetime, path: str = "/ap/inbox", key_id: str = KEY) -> Sent:
    """A POST that whoever has the key may make."""
    message = with_headers(post(f"{INBOX.removesuffix('/ap/inbox')}{path}", body), date=http_date(now.timestamp()))
    message = by_hand_cavage(message, key=ed25519_key(), algorithm="hs2019")
    signature = message.headers["signature"].replace(KEY, key_id)
    headers = {**message.headers, "signature": signature}
    return Sent("POST", urlsplit(message.url).path, tuple(headers.items()), body)


class Undone(Exception):
    """Ends a block so that nothing of it stays."""


def whole_way(body: bytes, caplog: pytest.LogCaptureFixture, key_id: str = KEY) -> tuple[int, str]:
    """Status of the answer, and the state and reason of the row if one was stored. The database is then as before."""
    now = timezone.now()
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own tests: durable blocks may stand inside
    outcome = (0, "")
    try:
        with block:
            outcome = _whole_way(body, now, key_id)
            raise Undone
    except Undone:
        pass
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR], caplog.text[-3000:]
    return outcome


def _whole_way(body: bytes, now: datetime, key_id: str) -> tuple[int, str]:
    sent = signed(body, now, key_id=key_id)
    reply = ask(sent)
    assert not reply.fault(sent), reply.fault(sent)
    first = InboundActivity.objects.first()
    if reply.status >= 400:
        assert first is None, "what is refused leaves nothing"
        return reply.status, ""
    drain(timezone.now())
    if first is None:
        return reply.status, ""
    first.refresh_from_db()
    assert first.state != State.WAITING, f"waits: {first.reason}"
    assert first.state == State.DONE or first.reason, "not done, and no reason"
    assert "\x00" not in first.reason
    return reply.status, first.state


@pytest.mark.django_db
@pytest.mark.parametrize("name", ACTIVITIES)
def test_what_is_wrong_and_well_signed_gets_an_outcome(
    world: None, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Fails if a row still waits (seen when the worker was given a time before the row had one), if an error of ours is
    logged, or if ``receive`` lets a database error out."""
    for kind, where, make in handled(ACTIVITIES, name, ACTIVITIES[name], KINDS * 2):
        body = make()
        try:
            whole_way(body, caplog)
        except Exception as error:
            raise AssertionError(f"{name}, {where}, {kind}: {error!r} for {body[:800]!r}") from error


def test_each_document_and_each_kind_of_wrongness_goes_the_whole_way() -> None:
    """Fails if kinds or documents are left out when they are dealt."""
    all_dealt = {name: dealt(ACTIVITIES, name, KINDS * 2) for name in ACTIVITIES}
    assert Counter(chain.from_iterable(all_dealt.values())) == dict.fromkeys(KINDS, 2)
    for name, kinds in all_dealt.items():
        assert len(kinds) >= 7
        assert {wrong.kind for wrong in one_of_each(ACTIVITIES[name], name, kinds)} == set(kinds)


@pytest.mark.django_db
def test_bodies_reach_every_end(world: None, caplog: pytest.LogCaptureFixture) -> None:
    """What the test above says is worth nothing if no body gets beyond the signature. Fails if Ana's key is unknown."""
    ends = {whole_way(to_body(document), caplog) for document in ACTIVITIES.values()}
    assert {(202, State.DONE), (202, State.IGNORED)} <= ends
    assert {status for status, _ in ends} == {202}


# What is asked for when these arrive is wrong, not they themselves: the address, and who says it.
FETCHED: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "a boosted object": (BOOSTED, ANA, said("Announce", BOOSTED, to=[PUBLIC]), note(BOOSTED, owner=CARL)),
    "its author": (CARL, ANA, said("Announce", BOOSTED, to=[PUBLIC]), profile(CARL)),
    "a changed profile": (ANA, ANA, said("Update", ANA), profile()),
    "a follower": (BEN, BEN, said("Follow", ORG, actor=BEN), profile(BEN)),
    "something only named": (NAMED, ANA, said("Create", NAMED), note(NAMED)),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", FETCHED)
def test_what_is_wrong_with_a_fetched_document_is_an_outcome(
    world: None, web: Web, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """Fails as the test of bodies does: here the fault lies in what the worker, or whoever looks for a key, was
    given."""
    address, signer, activity, document = FETCHED[name]
    for kind, where, make in handled(FETCHED, name, document, KINDS[::3]):
        web.pages[address] = make()
        try:
            whole_way(to_body(activity), caplog, key_id=f"{signer}#main-key")
        except Exception as error:
            raise AssertionError(f"{name}, {where}, {kind}: {error!r} for {web.pages[address][:800]!r}") from error


BIGGEST: dict[str, bytes] = {
    "many values": b'{"a":[' + b"0," * 500_000 + b"0]}",
    "many names": b"{" + b",".join(b'"%d":0' % number for number in range(100_000)) + b"}",
    "one string": b'{"a":"' + b"x" * 1_048_000 + b'"}',
    "escapes": b'{"a":"' + b"\\u00e9" * 174_000 + b'"}',
    "quotation marks": b'{"a":' + b'"' * 1_048_000,
    "backslashes": b'{"a":"' + b"\\" * 1_048_000,
    "brackets": b"[" * 1_048_576,
    "digits": b'{"a":' + b"9" * 1_048_000 + b"}",
    "a fraction": b'{"a":0.' + b"9" * 1_048_000 + b"}",
    "blanks": b" " * 1_048_576,
    "a long text": to_body(said("Create", note(content="<p><a href='x'>&lt;" * 50_000))),
    "a text of marks": to_body(said("Create", note(content="<" * 1_000_000))),
    "an address": to_body(said("Create", "https://peer.example/" + "a" * 1_000_000)),
    "recipients": to_body(said("Create", note(to=["https://peer.example/" + "a" * 80] * 9_000))),
}
# Bytes: a body as it came, decoded, parsed, and a copy without blind recipients, each with Python's own overhead.
MOST_MEMORY = 16 * 1024 * 1024
# Seconds of this thread's own work. The dearest takes a tenth of that on a slow machine; a reader that is quadratic in
# what a stranger sends takes minutes.
MOST_WORK = 20.0


@pytest.mark.parametrize("name", BIGGEST)
def test_the_biggest_bodies_take_little_memory_and_time(name: str) -> None:
    """Fails if values are not counted before they are read (tried: ``_check_shape`` taken out, for "many names")."""
    assert len(BIGGEST[name]) <= LIMIT
    start = time.thread_time()
    tracemalloc.start()
    try:
        read(BIGGEST[name])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY
    assert time.thread_time() - start < MOST_WORK
