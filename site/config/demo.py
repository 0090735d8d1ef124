"""``make demo``: two instances on this machine, a hub and a partner, that follow each other while you watch.

It uses what an operator would use (``manage.py serve``, ``load_demo``, ``follow``) and only adds the telling. Ctrl-C or
SIGTERM stops every process that it started, databases included, whatever state it is in.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from . import demo_place
from .demo_instance import DemoInstance
from .demo_screen import Screen, StepFailed
from .demo_walk import follow_everybody, publish_and_watch
from .ending import insist

PROFILE_SECONDS = 60.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asked us to stop. No handler of ordinary errors may swallow it."""


def main(arguments: list[str]) -> int:
    options = read_options(arguments)
    screen = Screen()
    place = demo_place.folder()
    try:
        if options.reset:
            demo_place.reset(place)
            screen.line("The demo's content is gone. Start anew with: make demo")
            return 0
        insist(Stopped)
        with signals_stop_us(), demo_place.alone(place):
            run(place, options.port, options.once, screen)
    except StepFailed as failure:
        screen.line(f"\n{screen.paint('✗', '31')} {failure}")
        return 1
    except Stopped:
        return 0 if not options.once else 130
    return 0


def read_options(arguments: list[str]) -> Any:
    parser = argparse.ArgumentParser(prog="python -m config.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", default=bool(os.environ.get("DEMO_ONCE")), help="end at the end")
    parser.add_argument("--reset", action="store_true", help="throw the demo's content away")
    parser.add_argument("--port", type=int, default=8000, help="where to begin looking for two free ports")
    return parser.parse_args(arguments)


def run(place: Path, port: int, once: bool, screen: Screen) -> None:
    screen.line(screen.bold("Commonwire: two instances that follow each other, on this machine"))
    both = demo_place.instances(place, port, screen.line)
    hub, partner = both["hub"], both["partner"]
    began = time.monotonic()
    with stopping(list(both.values()), screen):
        start(hub, partner, screen)
        fill(hub, partner, demo_place.password(place), screen)
        organisations = follow_everybody(hub, partner, screen)
        report = publish_and_watch(hub, partner, screen)
        publisher = next(row for row in organisations if report["url"].startswith(row["url"]))
        hub.ask("let_in", handle=publisher["handle"], password=demo_place.password(place))
        show_what_to_try(hub, partner, publisher, report, screen)
        screen.line(screen.dim(f"\nAll of this took {time.monotonic() - began:.0f} s."))
        if not once:
            screen.line("It runs until Ctrl-C. “make demo” continues from here, “make demo-reset” starts anew.")
            stay([hub, partner])


def start(hub: DemoInstance, partner: DemoInstance, screen: Screen) -> None:
    screen.title("Starting")
    for instance in (hub, partner):
        instance.start()
    for instance in (hub, partner):
        with screen.step(f"{instance.role:<8} {instance.origin}: database, web server, worker") as tick:
            instance.wait_until_ready(tick)


def fill(hub: DemoInstance, partner: DemoInstance, password: str, screen: Screen) -> None:
    for instance in (hub, partner):
        instance.begin("load", role=instance.role, password=password)
    for instance in (hub, partner):
        with screen.step(f"{instance.role:<8} demo content and people") as tick:
            instance.finish("load", tick)
    with screen.step("profiles and their keys, made by the workers") as tick:
        for instance in (hub, partner):
            wanted = {row["handle"] for row in instance.ask("organisations")}
            screen.wait("The profiles", lambda: wanted <= set(instance.ask("profiles")), PROFILE_SECONDS, tick)  # noqa: B023


def show_what_to_try(
    hub: DemoInstance, partner: DemoInstance, organisation: dict[str, str], report: dict[str, Any], screen: Screen
) -> None:
    place = hub.folder.parent
    handle = f"{organisation['handle']}@{hub.host}"
    rows = [
        ("Hub", f"{hub.origin}/"),
        ("Partner", f"{partner.origin}/"),
        ("Administration", f"{hub.origin}/admin/   {partner.origin}/admin/"),
        ("Log in as", f"admin   password {demo_place.password(place)}   (on both; kept in {place / 'password'})"),
        ("Also", f"editor-{organisation['handle']}, who sees only {organisation['name']}; same password"),
        ("The report", report["url"]),
        ("Arrived at", f"{partner.origin}/admin/  → Sharing → From partners"),
    ]
    screen.title("Addresses")
    for label, text in rows:
        screen.line(f"  {label:<15} {text}")
    screen.title("What to try")
    page = f"{hub.origin}/admin/pages/{report['key'].partition(':')[2]}"
    for label, text in (
        ("Correct it", f"{page}/edit/  and publish: the partner's copy changes"),
        ("Withdraw it", f"{page}/unpublish/  and it goes from there too"),
        ("Followers", f"{hub.origin}/admin/  → Sharing → Followers"),
        ("Delivery", f"{hub.origin}/admin/  → Sharing → Delivery"),
        ("Look up", f"curl '{hub.origin}/.well-known/webfinger?resource=acct:{handle}'"),
        ("Read it", f"curl -H 'Accept: application/activity+json' {report['uri']}"),
    ):
        screen.line(f"  {label:<15} {text}")


def stay(instances: list[DemoInstance]) -> None:
    """Until a signal comes, or an instance ends by itself."""
    while True:
        time.sleep(0.5)
        for instance in instances:
            if instance.has_died():
                raise StepFailed(f"The {instance.role} ended by itself. See {instance.log}")


@contextmanager
def signals_stop_us() -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    old = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


@contextmanager
def stopping(instances: list[DemoInstance], screen: Screen) -> Iterator[None]:
    """Whatever happens inside, nothing that was started outlives this block."""

    def hurry(number: int, frame: FrameType | None) -> None:
        for instance in instances:
            instance.ask_to_stop()

    try:
        yield
    finally:
        for number in SIGNALS:
            signal.signal(number, hurry)  # from now on, once more means at once
        screen.line("\nStopping both instances and their databases …")
        for instance in instances:
            instance.ask_to_stop()
        for instance in instances:
            instance.wait_until_stopped()
        screen.line("Stopped.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
