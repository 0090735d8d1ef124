"""The operator's switches: stop and start sending, confirm a restored database, let held-back publications go."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Min, Q
from django.utils import timezone

from federation.errors import ConfigurationError
from federation.models import Delivery, LedgerEntry, LocalActor, Peer, Wake
from federation.outbox import release, speaking
from federation.outbox.deliver import find_overdue
from federation.queue import DELIVER, nudge


class Command(BaseCommand):
    help = "Pauses and resumes sending, shows how it goes, and lets waiting publications go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (("pause", "send nothing from now on"), ("resume", "send again")):
            action = actions.add_parser(name, help=text)
            action.add_argument("--handle", help="only for this organisation")
        actions.add_parser("status", help="show what waits, and why")
        actions.add_parser("confirm", help="this copy of the database is the one that speaks")
        letting_go = actions.add_parser("release", help="let publications go that wait for a person")
        which = letting_go.add_mutually_exclusive_group(required=True)
        which.add_argument("--key", action="append", help="a publication, for example page:12")
        which.add_argument("--all", action="store_true")
        again = actions.add_parser("retry", help="send again what a server refused, or what was given up")
        which = again.add_mutually_exclusive_group(required=True)
        which.add_argument("--host", help="a server, for example social.example")
        which.add_argument("--all", action="store_true")

    def handle(self, *, action: str, **options: Any) -> None:
        actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "pause": self._pause,
            "resume": self._resume,
            "status": self._status,
            "confirm": self._confirm,
            "release": self._release,
            "retry": self._retry,
        }
        try:
            actions[action](options)
        except ConfigurationError as error:
            raise CommandError(error.sentence) from error

    def _pause(self, options: dict[str, Any]) -> None:
        if options["handle"]:
            self._set_paused(options["handle"], True)
        else:
            speaking.pause("Paused by the operator.")
        self.stdout.write("Nothing goes out. What happens meanwhile is recorded and sent later.")

    def _resume(self, options: dict[str, Any]) -> None:
        if options["handle"]:
            self._set_paused(options["handle"], False)
        else:
            speaking.resume()
        nudge(DELIVER)
        self.stdout.write("Sending again.")

    def _confirm(self, options: dict[str, Any]) -> None:
        speaking.confirm()
        nudge(DELIVER)
        self.stdout.write("Confirmed: this database speaks for the site.")

    def _release(self, options: dict[str, Any]) -> None:
        count = release.release(None if options["all"] else options["key"])
        self.stdout.write(f"Let go: {count}.")

    def _retry(self, options: dict[str, Any]) -> None:
        host, origin = (options["host"] or "").lower(), None
        if host:
            known = Peer.objects.filter(origin__in=[f"https://{host}", f"http://{host}"])
            origin = known.values_list("pk", flat=True).first()
            if origin is None:
                raise CommandError(f"No server {host} is known here.")
        self.stdout.write(f"To be sent again: {release.send_again(timezone.now(), origin)}.")

    def _status(self, options: dict[str, Any]) -> None:
        voice, instance = speaking.voice(), speaking.get_instance()
        self.stdout.write(f"{instance.origin}: {voice.value}. {speaking.get_instance().pause_reason}".strip())
        for handle in LocalActor.objects.filter(paused=True).values_list("handle", flat=True):
            self.stdout.write(f"@{handle} is paused.")
        waiting = Delivery.objects.filter(state=Delivery.State.WAITING).aggregate(n=Count("pk"), oldest=Min("created"))
        since = f", the oldest since {waiting['oldest']:%Y-%m-%d %H:%M}" if waiting["oldest"] else ""
        self.stdout.write(f"Deliveries waiting: {waiting['n']}{since}.")
        held = Peer.objects.filter(holds__gt=0).annotate(n=Count("deliveries", Q(deliveries__state="waiting")))
        for peer in held.order_by("-n")[:20]:
            self.stdout.write(f"  {peer.origin} does not answer, will retry: {peer.n} waiting. {peer.hold_reason}")
        if (late := find_overdue(timezone.now())) is not None:
            self.stdout.write(f"Due since {late:%Y-%m-%d %H:%M} and not sent: does a worker run?")
        for entry in LedgerEntry.objects.filter(waiting_since__isnull=False).order_by("waiting_since"):
            self.stdout.write(f"{entry.key} waits for you since {entry.waiting_since:%Y-%m-%d %H:%M}.")
        for key, error in Wake.objects.filter(failures__gt=0).values_list("key", "error").distinct():
            self.stdout.write(f"{key} could not be told: {error}")

    def _set_paused(self, handle: str, paused: bool) -> None:
        if not LocalActor.objects.filter(handle=handle.removeprefix("@")).update(paused=paused):
            raise CommandError(f"Nobody here is called {handle}.")
