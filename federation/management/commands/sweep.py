"""Audits what is out, now instead of tonight."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from federation.outbox.sweep import Findings, sweep

_SENTENCES = {
    "withdrawn": "Taken back, because it is not public and shared any more",
    "retired": "Profiles taken back, because their organisation was deleted",
    "rebuilt": "Made anew in silence",
    "untold": "Public and shared, but never told to anybody",
    "differs": "Shared, but looks otherwise now; save the page to tell its followers",
    "waiting": "Waiting for a person (federation release)",
    "let_go": "Followers let go within the last month",
}


class Command(BaseCommand):
    help = "Checks everything that was shared: takes back what should not be out and lists what else was found."

    def handle(self, *args: Any, **options: Any) -> None:
        found = sweep(timezone.now())
        if found.foreign:
            raise CommandError("This site runs under another address than its profiles. See “federation status”.")
        self.stdout.write("\n".join(_lines(found)) or "Everything is as it should be.")


def _lines(found: Findings) -> list[str]:
    return [
        f"{sentence}: {', '.join(getattr(found, name))}"
        for name, sentence in _SENTENCES.items()
        if getattr(found, name)
    ]
