"""Stops following somebody on another server."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from federation.models import Following
from federation.outbox.following import unfollow

from .follow import get_follower


class Command(BaseCommand):
    help = "Stops following a profile on another server. It works also when that server does not answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("whom", help="@name@host, or the address of the profile")
        parser.add_argument("--as", dest="follower", default="", help="handle of who follows (default: the site)")

    def handle(self, *, whom: str, follower: str, **options: Any) -> None:
        actor = get_follower(follower)
        followings = Following.objects.filter(actor=actor).select_related("remote")
        named = {"remote__uri": whom} if "://" in whom else {"remote__handle__iexact": whom.removeprefix("@")}
        following = followings.filter(**named).first()
        if following is None or not unfollow(actor, following.remote, timezone.now()):
            raise CommandError(f"{actor} does not follow {whom}.")
        self.stdout.write(f"{actor} no longer follows {following.remote}.")
