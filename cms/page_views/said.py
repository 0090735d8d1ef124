"""Says what was found when a page was to be published, above the form or in place of what was asked for."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string

from cms.checks.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Again:
    """How to do the same once more, despite the warnings. ``button`` is its name; its value says which content was
    seen. ``form`` is the id of a form on the page whose fields go along; without one, ``url`` is where to post to.
    ``fields`` say nothing without the button, for other buttons of the form send them too."""

    button: str
    fields: tuple[tuple[str, str], ...] = ()
    form: str = ""
    url: str = ""
    approves: bool = False


def say(request: HttpRequest, verdict: Verdict, again: Again | None = None) -> None:
    context = {"verdict": verdict, "again": None if verdict.errors else again}
    level = messages.ERROR if verdict.errors else messages.WARNING
    messages.add_message(request, level, render_to_string("cms/admin/findings.html", context, request=request))
