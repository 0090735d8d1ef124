"""Remembers which warnings somebody has read and published despite of, in the history of the page: for exactly that
content, and for that person."""

from __future__ import annotations

from typing import Any

from wagtail.log_actions import log
from wagtail.models import Page, PageLogEntry

from .verdict import Verdict

ANYWAY = "cms.published_anyway"


def remember(page: Page, user: Any, verdict: Verdict) -> None:
    """Once. Nothing for a verdict without warnings."""
    if verdict.warnings and not remembers(page, user, verdict):
        sentences = [finding.sentence for finding in verdict.warnings]
        log(instance=page, action=ANYWAY, user=user, data={"content": verdict.content, "sentences": sentences})


def remembers(page: Page, user: Any, verdict: Verdict) -> bool:
    entries = PageLogEntry.objects.filter(page=page.pk, action=ANYWAY, user=user, data__content=verdict.content)
    return page.pk is not None and entries.exists()
