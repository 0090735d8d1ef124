"""One publication to many servers, each of which is new: a TLS handshake for every delivery."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from federation.actors.keystore import signer_for
from federation.conf import federation_settings
from federation.models import Activity, Delivery
from federation.outbox import reconcile
from federation.outbox.deliver import deliver

from . import floor_delivery
from .context import Bench, follow_from, forget_sent, news, organisation
from .fedify import sender
from .measure import Figure, Sample, inverse, median_of, ratios, take_turns
from .sinks import Sink, sink

WARM_UP = 20
PATIENCE = 600.0


def measure(bench: Bench) -> Iterable[Figure]:
    hosts = bench.count(1000, 60, 400)
    page, actor = organisation("partner")
    with sink(hosts + WARM_UP) as there:
        follow_from(actor, there.live[:hosts])
        news(page)
        warm_up(there)
        body = bytes(Activity.objects.get(kind="Create").body)
        key, context = signer_for(actor).key, floor_delivery.shared_context()
        inboxes = [f"{origin}/inbox" for origin in there.live[:hosts]]
        threads = federation_settings().DELIVERY_THREADS

        def ours() -> Sample:
            forget_sent()
            there.forget()
            news(page)
            with bench.meter().running() as meter:
                reconcile.drain(timezone.now())
                deliver(seconds=PATIENCE)
                sample = meter.sample(hosts)
            check_accepted(hosts, there)
            return sample

        def floor() -> Sample:
            with bench.meter().running() as meter:
                accepted = floor_delivery.send_all([inboxes[n::threads] for n in range(threads)], body, key, context)
                sample = meter.sample(hosts)
            assert accepted == hosts
            return sample

        taken = take_turns({"ours": ours, "floor": floor, "fedify": lambda: theirs(bench, there, hosts)}, bench.rounds)
    each = {name: median_of(samples) for name, samples in taken.items()}
    size = f"{hosts:,} hosts, {threads} threads, {len(body):,} bytes"
    yield Figure(
        "delivery-new",
        ratios(taken["ours"], taken["floor"]),
        f"{each['ours']:.2f} ms of CPU each with the ledger and the database, {each['floor']:.2f} bare; {size}",
    )
    yield Figure(
        "delivery-fedify",
        inverse(ratios(taken["ours"], taken["fedify"])),
        f"{1000 / each['ours']:.0f} a CPU-second, Fedify {1000 / each['fedify']:.0f} without any database",
    )


def warm_up(there: Sink) -> None:
    """Keys are parsed, the context is made, code is read."""
    reconcile.drain(timezone.now())
    deliver(seconds=PATIENCE)


def theirs(bench: Bench, there: Sink, hosts: int) -> Sample:
    with sender() as fedify:
        there.forget()
        fedify.send(there.live[hosts:], 3000)
        there.wait_for(WARM_UP, PATIENCE)
        before = fedify.cpu()
        fedify.send(there.live[:hosts], 3000)
        wall = there.wait_for(hosts + WARM_UP, PATIENCE)
        return Sample(hosts, fedify.cpu() - before, wall)


def check_accepted(count: int, there: Sink) -> None:
    """A bench that loses deliveries measures nothing."""
    assert Delivery.objects.filter(state="accepted").count() == count
    assert there.counts()["posts"] == count
