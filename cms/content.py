"""The text of a page for readers elsewhere: its facts, body, agenda, participants and corrections, as plain HTML
without the title and without the list of files, which travel beside it. Written in the language of the page, whoever
asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cms.dates import day_text
from cms.languages import interface_language
from cms.models import DocumentPage, NewsPage, ReportPage
from cms.models.base import Shareable
from cms.rendering import NOTHING, join, listing, render


def content_html(page: Shareable) -> SafeString:
    """The whole text of a specific page."""
    with translation.override(interface_language(page.locale.language_code)):
        return join([*_PARTS[type(page)](page), _corrections(page)])


def _news(page: Any) -> list[SafeString]:
    return [_facts([page.dateline]), render(page.body)]


def _report(page: Any) -> list[SafeString]:
    attendance = page.get_attendance_display() if page.attendance else ""
    facts = _facts([page.dateline, attendance, page.participants_text])
    return [facts, render(page.body), _agenda(page), _participants(page)]


def _document(page: Any) -> list[SafeString]:
    facts = [page.kind_label, page.edition, *page.file_languages, page.get_licence_display(), page.dateline]
    return [_facts(facts), render(page.body)]


_PARTS: dict[type[Shareable], Callable[[Any], list[SafeString]]] = {
    NewsPage: _news,
    ReportPage: _report,
    DocumentPage: _document,
}


def _facts(facts: Iterable[str]) -> SafeString:
    text = " · ".join(fact for fact in facts if fact)
    return format_html("<p>{}</p>", text) if text else NOTHING


def _agenda(page: ReportPage) -> SafeString:
    days = join(
        format_html("<h3>{}</h3>{}", " · ".join(filter(None, (day.title, day.date_text))), render(day.items))
        for day in page.agenda
    )
    return format_html("<h2>{}</h2>{}", _("Agenda"), days) if days else NOTHING


def _participants(page: ReportPage) -> SafeString:
    lines = [
        " – ".join(filter(None, (row.name_and_country, ", ".join(filter(None, (row.person, row.role))))))
        for row in page.participating
    ]
    return format_html("<h2>{}</h2>{}", _("Who took part"), listing(lines)) if lines else NOTHING


def _corrections(page: Shareable) -> SafeString:
    rows = [f"{day_text(row.date)}: {row.text}" for row in page.corrections.all()]
    return format_html("<h2>{}</h2>{}", _("Corrections"), listing(rows)) if rows else NOTHING
