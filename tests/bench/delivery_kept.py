"""Many publications to few servers: connections stay open, so what is left is signing, HTTP and the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from federation.actors.keystore import signer_for
from federation.conf import federation_settings
from federation.models import Activity, LocalActor
from federation.outbox.audience import Audience
from federation.outbox.deliver import deliver
from federation.outbox.send import send
from federation.vocab.kinds import Kind

from . import floor_delivery
from .context import Bench, follow_from, forget_sent, news, organisation, settle
from .delivery import PATIENCE, check_accepted
from .measure import Figure, Sample, median_of, ratios, take_turns
from .sinks import sink


def measure(bench: Bench) -> Iterable[Figure]:
    threads = federation_settings().DELIVERY_THREADS
    hosts, each = 2 * threads, bench.count(60, 5, 20)
    page, actor = organisation("partner")
    with sink(hosts) as there:
        follow_from(actor, there.live)
        news(page)
        settle()
        deliver(seconds=PATIENCE)
        body = bytes(Activity.objects.get(kind="Create").body)
        key, context = signer_for(actor).key, floor_delivery.shared_context()
        # A thread has the same servers as ours has at a time, one after the other.
        batches = [[f"{o}/inbox" for o in there.live[n::threads] for _ in range(each)] for n in range(threads)]
        opened: list[int] = []

        def ours() -> Sample:
            forget_sent()
            there.forget()
            _fill(actor, each)
            with bench.meter().running() as meter:
                deliver(seconds=PATIENCE)
                sample = meter.sample(hosts * each)
            check_accepted(hosts * each, there)
            opened.append(there.counts()["connections"])
            return sample

        def floor() -> Sample:
            with bench.meter().running() as meter:
                accepted = floor_delivery.send_all(batches, body, key, context)
                sample = meter.sample(hosts * each)
            assert accepted == hosts * each
            return sample

        taken = take_turns({"ours": ours, "floor": floor}, bench.rounds)
    yield Figure(
        "delivery-kept",
        ratios(taken["ours"], taken["floor"]),
        f"{median_of(taken['ours']):.2f} ms of CPU each with the ledger and the database,"
        f" {median_of(taken['floor']):.2f} bare; {each} for each of {hosts} hosts,"
        f" over {max(opened)} connections (bare: {hosts})",
    )


def _fill(actor: LocalActor, count: int) -> None:
    """As many publications wait, each in a lane of its own."""
    for number in range(count):
        document = {"type": "Create", "actor": actor.uri, "object": "x" * 1500}
        send(
            actor,
            lambda uri, document=document: {"id": uri, **document},  # type: ignore[misc]
            kind=Kind.CREATE,
            lane=f"bench:{number}",
            audience=Audience.FOLLOWERS,
            now=timezone.now(),
        )
