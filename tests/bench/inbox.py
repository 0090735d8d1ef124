"""A signed POST to the shared inbox: verified, stored, a worker woken."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from federation.models import RemoteActor
from federation.signatures.message import Message
from federation.signatures.sign import Scheme, Signer, sign
from federation.vocab.terms import ACTIVITY_JSON
from tests.factories.inbound import note, remote_actor, said
from tests.factories.signed_requests import rsa_key

from .context import Bench, organisation
from .measure import Figure, Sample, median_of, ratios, take_turns
from .place import ORIGIN, SETTINGS
from .web import request, server

ANA = "https://peer.example/users/ana"
_numbers = itertools.count(1)


def measure(bench: Bench) -> Iterable[Figure]:
    posts = bench.count(1500, 100)
    organisation("partner")
    ana = remote_actor(ANA, key=rsa_key())
    with (
        server(SETTINGS, "/-/health") as ours,
        server("tests.bench.floor_settings", "/bare/") as floor,
    ):

        def signed() -> Sample:
            _freshen(ana)
            return ours.ask(bench, [_signed_post() for _ in range(posts)], 202)

        def bare() -> Sample:
            body = json.dumps(_activity(0)).encode()
            paths = [f"/inserts/{next(_numbers)}" for _ in range(posts)]
            return floor.ask(bench, [request(path, method="POST", body=body) for path in paths], 202)

        ours.ask(bench, [_signed_post() for _ in range(50)], 202)
        floor.ask(bench, [request(f"/inserts/{next(_numbers)}", method="POST", body=b"{}") for _ in range(50)], 202)
        taken = take_turns({"ours": signed, "floor": bare}, bench.rounds)
    yield Figure(
        "inbox",
        ratios(taken["ours"], taken["floor"]),
        f"{median_of(taken['ours']):.2f} ms of CPU each, database included, {median_of(taken['floor']):.2f} bare;"
        f" {posts:,} posts of {len(json.dumps(_activity(0))):,} bytes",
    )


def _freshen(ana: RemoteActor) -> None:
    """As if somebody had just fetched her, so that nobody does now."""
    ana.fetched_at = timezone.now()
    ana.save()
    ana.keys.update(fetched_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE federation_inboundactivity; TRUNCATE federation_wake")


def _activity(number: int) -> dict[str, object]:
    uri = f"https://peer.example/notes/{number}"
    return said("Create", note(uri, content="<p>" + "Forty villages agreed. " * 100 + "</p>"), number=number)


def _signed_post() -> bytes:
    body = json.dumps(_activity(next(_numbers))).encode()
    message = Message("POST", f"{ORIGIN}/ap/inbox", {"content-type": ACTIVITY_JSON}, body)
    headers = sign(message, Signer(f"{ANA}#main-key", rsa_key()), Scheme.CAVAGE, timezone.now())
    named = {name.lower().replace("-", "_"): value for name, value in headers.items()}
    return request("/ap/inbox", method="POST", body=body, content_type=ACTIVITY_JSON, **named)
