"""Publishes something while somebody watches: first the report that was held back, after that a small one each time."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format

from cms.addresses import page_address
from cms.keys import page_key
from cms.models import ReportPage, SectionPage
from cms.models.base import Shareable

from .meeting import HELD_BACK
from .writing import number_of, publish, stream

SMALL = (
    (
        "paragraph",
        "<p>This report says nothing but that it was published. It was written for a demonstration, to show how a page "
        "reaches those who follow.</p>",
    ),
)


class Published(NamedTuple):
    """``key`` is the publication's, as federation knows it; ``url`` is absolute."""

    title: str
    url: str
    key: str


class NothingToPublish(RuntimeError):
    """The demonstration's content is not loaded, or its organisation is gone."""


def publish_next(now: datetime) -> Published:
    """The page that came out. Raises NothingToPublish where the hub's content is missing."""
    held_back = ReportPage.objects.filter(translation_key=number_of(HELD_BACK.key), first_published_at=None).first()
    page = _release(held_back, now) if held_back else _write_small(now)
    return Published(page.title, page_address(page), page_key(page.pk))


def _release(page: ReportPage, now: datetime) -> Shareable:
    """The draft as its editors left it, dated today."""
    draft: ReportPage = page.get_latest_revision_as_object()
    draft.published_on = timezone.localdate(now)
    draft.save_revision().publish()
    released: ReportPage = ReportPage.objects.get(pk=page.pk)
    return released


def _write_small(now: datetime) -> Shareable:
    section = SectionPage.objects.filter(kind="reports", translation_key=number_of("techsoup/reports")).first()
    if section is None:
        raise NothingToPublish("Load the demonstration first: manage.py load_demo")
    written = ReportPage.objects.child_of(section).count()
    return publish(
        ReportPage(
            title=f"Sign of life {written + 1}, {date_format(timezone.localtime(now), 'H:i')}",
            summary="A report of one paragraph, made while you watch.",
            published_on=timezone.localdate(now),
            date_precision="unknown",
            body=stream(ReportPage, "body", SMALL, {}),
            share=True,
        ),
        section,
    )
