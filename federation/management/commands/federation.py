"""The operator's switches: stop and start sending, confirm a restored database, let held-back publications go, change
keys."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, Min, Q
from django.utils import timezone

from federation.actors.local import find_by_handle
from federation.conf import federation_settings
from federation.errors import ConfigurationError, FederationError
from federation.models import Delivery, LedgerEntry, LocalActor, Peer, Wake
from federation.outbox import release, rotation, speaking
from federation.outbox.deliver import find_overdue
from federation.outbox.refusals import Memory, Server, list_servers
from federation.queue import DELIVER, nudge

_MOST_LINES = 50
_REFUSALS = {
    Memory.FOR_GOOD: (
        "Servers: {n}. They look like GoToSocial, which keeps a key for good: they refuse everything of {actor} until"
        " their administrators let our keys expire (Settings, Administration, Actions, Keys: {host}), and up to six"
        " hours more. Write to them:"
    ),
    Memory.A_DAY: (
        "Servers: {n}. They took something of {actor} within a day and may remember the old key. Most, as Mastodon, ask"
        " for the new one at the first message that it signed; the others refuse us until, at the latest:"
    ),
    Memory.NOT_LATELY: (
        "Servers: {n}. They took nothing of {actor} for a day; they should fetch the new key with the next message:"
    ),
}


def get_actor(handle: str) -> LocalActor:
    """By any handle that it ever had; raises CommandError."""
    actor = find_by_handle(handle.removeprefix("@").partition("@")[0])
    if actor is None:
        raise CommandError(f"Nobody here is called {handle}.")
    return actor


def _holders(progress: rotation.Progress) -> str:
    if not progress.holders:
        return "No server knows the old ones."
    return (
        f"Servers that know the old ones: {progress.holders}. Each is told, signed with the key it knows, and is sent"
        f" to with the new one once it accepted that. The old keys end on {progress.ends:%Y-%m-%d %H:%M} at the latest."
    )


def _lines(servers: list[Server]) -> list[str]:
    lines = [
        f"{server.origin} {server.until:%Y-%m-%d %H:%M}" if server.memory is Memory.A_DAY else server.origin
        for server in servers[:_MOST_LINES]
    ]
    more = len(servers) - len(lines)
    return [*lines, f"and {more} more"] if more else lines


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
        rotate = actions.add_parser("rotate-keys", help="give a profile new keys, without losing a follower")
        who = rotate.add_mutually_exclusive_group(required=True)
        who.add_argument("handle", nargs="?", help="of a profile; the host's name for the instance's own actor")
        who.add_argument("--all", action="store_true", help="every profile, and the instance's own actor")
        revoke = actions.add_parser("revoke-keys", help="end the keys of a profile at once: somebody else has them")
        revoke.add_argument("handle")

    def handle(self, *, action: str, **options: Any) -> None:
        actions: dict[str, Callable[[dict[str, Any]], None]] = {
            "pause": self._pause,
            "resume": self._resume,
            "status": self._status,
            "confirm": self._confirm,
            "release": self._release,
            "retry": self._retry,
            "rotate-keys": self._rotate_keys,
            "revoke-keys": self._revoke_keys,
        }
        try:
            actions[action](options)
        except FederationError as error:
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
        for progress in rotation.under_way():
            self.stdout.write(
                f"@{progress.handle} has new keys since {progress.since:%Y-%m-%d %H:%M}; servers that have not taken"
                f" them yet: {progress.holders}. The old ones end on {progress.ends:%Y-%m-%d %H:%M} at the latest."
            )
        for entry in LedgerEntry.objects.filter(waiting_since__isnull=False).order_by("waiting_since"):
            self.stdout.write(f"{entry.key} waits for you since {entry.waiting_since:%Y-%m-%d %H:%M}.")
        for key, error in Wake.objects.filter(failures__gt=0).values_list("key", "error").distinct():
            self.stdout.write(f"{key} could not be told: {error}")

    def _rotate_keys(self, options: dict[str, Any]) -> None:
        if not options["all"]:
            self._rotate(get_actor(options["handle"]))
            return
        for actor in LocalActor.objects.filter(deleted_at=None).order_by("handle"):
            try:
                self._rotate(actor)
            except ConfigurationError:
                raise
            except FederationError as error:
                self.stdout.write(f"{actor} keeps its keys. {error.sentence}")

    def _rotate(self, actor: LocalActor) -> None:
        begun = rotation.begin(actor, timezone.now())
        nudge(DELIVER)
        self.stdout.write(f"{actor} has new keys. {_holders(begun)}")

    def _revoke_keys(self, options: dict[str, Any]) -> None:
        actor, now = get_actor(options["handle"]), timezone.now()
        servers = list_servers(actor, now)
        rotation.revoke(actor, now)
        nudge(DELIVER)
        self.stdout.write(f"The keys of {actor} are destroyed. It has new ones, and everything is signed with those.")
        for memory, sentence in _REFUSALS.items():
            found = [server for server in servers if server.memory is memory]
            if found:
                self.stdout.write(sentence.format(n=len(found), actor=actor, host=federation_settings().host))
                self.stdout.write("\n".join(f"  {line}" for line in _lines(found)))

    def _set_paused(self, handle: str, paused: bool) -> None:
        if not LocalActor.objects.filter(handle=handle.removeprefix("@")).update(paused=paused):
            raise CommandError(f"Nobody here is called {handle}.")
