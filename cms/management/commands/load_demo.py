"""Loads the demonstration's content. A second run changes nothing."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cms.demo import load
from cms.demo.people import ADMIN, ensure_admin, ensure_editors
from cms.demo.scripts import SCRIPTS


class Command(BaseCommand):
    help = (
        "Loads the content of the demonstration: organisations, news, reports, a document, and people to log in. "
        "Passwords come from DEMO_ADMIN_PASSWORD and DEMO_EDITOR_PASSWORD or the options of the same names."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", choices=list(SCRIPTS), default="hub", help="which of the two sites to fill")
        parser.add_argument("--fictional", action="store_true", help="use invented names for everybody")
        parser.add_argument("--admin-password", default=os.environ.get("DEMO_ADMIN_PASSWORD"), metavar="PASSWORD")
        parser.add_argument("--editor-password", default=os.environ.get("DEMO_EDITOR_PASSWORD"), metavar="PASSWORD")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("admin_password", "editor_password"):
            _check(options[name])
        loaded = load(options["role"], timezone.now(), invented_names=options["fictional"])
        ensure_admin(options["admin_password"])
        ensure_editors(loaded.organisations.values(), options["editor_password"])
        self.stdout.write("The demonstration is loaded." if loaded.fresh else "The demonstration was loaded before.")
        if not options["admin_password"]:
            self.stdout.write(f"To log in, give the administrator a password: manage.py changepassword {ADMIN}")


def _check(password: str | None) -> None:
    if password:
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
