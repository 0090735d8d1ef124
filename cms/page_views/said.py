"""Says what was found when a page was to be published, above the form or in place of what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.template.loader import render_to_string

from cms.checks.piece import Finding
from cms.checks.shown import where
from cms.checks.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Line:
    where: str
    sentence: str


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


def say(request: HttpRequest, verdict: Verdict, form: Any = None, again: Again | None = None) -> None:
    """``form`` knows the labels of its fields; without one the lines name blocks only."""
    context = {
        "errors": list(lines(verdict.errors, form)),
        "warnings": list(lines(verdict.warnings, form)),
        "again": None if verdict.errors else again,
        "content": verdict.content,
    }
    level = messages.ERROR if verdict.errors else messages.WARNING
    messages.add_message(request, level, render_to_string("cms/admin/findings.html", context, request=request))


def lines(findings: tuple[Finding, ...], form: Any = None) -> Iterator[Line]:
    for finding in findings:
        yield Line(where(form, finding.place) if form is not None else finding.place.words, finding.sentence)
