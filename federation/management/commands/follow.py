"""Follows somebody on another server, in the name of the site or of an organisation. It asks and says how things stand;
the answer comes when the other server sends it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from federation.actors.local import ensure_site_actor, find_by_handle
from federation.actors.remote import fetch_actor, resolve_handle
from federation.errors import FederationError
from federation.models import LocalActor, RemoteActor
from federation.outbox.following import follow


class Command(BaseCommand):
    help = "Follows a profile on another server, and shows whether it has answered."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("whom", help="@name@host, or the address of the profile")
        parser.add_argument("--as", dest="follower", default="", help="handle of who follows (default: the site)")

    def handle(self, *, whom: str, follower: str, **options: Any) -> None:
        try:
            actor, remote = get_follower(follower), fetch_whom(whom)
            following = follow(actor, remote, timezone.now())
        except FederationError as error:
            raise CommandError(f"{error.sentence} ({error})" if error.detail else error.sentence) from error
        self.stdout.write(f"{actor} → {remote}: {following.get_state_display()}")


def get_follower(handle: str) -> LocalActor:
    """The local profile of that handle, or the site's; raises CommandError."""
    name = handle.removeprefix("@").partition("@")[0]
    actor = find_by_handle(name) if name else ensure_site_actor(timezone.now())
    if actor is None:
        raise CommandError(f"There is no profile @{name} here." if name else "The site has no front page yet.")
    return actor


def fetch_whom(whom: str) -> RemoteActor:
    now = timezone.now()
    return fetch_actor(whom, now) if "://" in whom else resolve_handle(whom, now)
