"""For the administrator who lost app and recovery codes, when no other is there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.models import User
from cms.two_factor.factors import turn_off


class Command(BaseCommand):
    help = "Turns two-factor login off for somebody who lost their app and their recovery codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the user name with which they log in")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username}.")
        done = turn_off(user, by=None)
        self.stdout.write(f"{username} logs in with the password alone now." if done else f"{username} has no app.")
