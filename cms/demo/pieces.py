"""Writes a script's pieces: first all pages, then the texts, because a text may link to a page that comes later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from wagtail.models import Page

from cms.models import (
    AgendaDay,
    Attachment,
    Correction,
    Credit,
    CustomDocument,
    CustomImage,
    DocumentPage,
    NewsPage,
    OrganisationPage,
    Participant,
    RelatedPage,
    ReportPage,
)
from cms.models.base import Shareable

from .files import make_document, make_picture
from .shapes import Script, Story
from .writing import number_of, stream

MODELS: dict[str, type[Shareable]] = {"news": NewsPage, "report": ReportPage, "document": DocumentPage}


def write(script: Script, names: dict[str, Page], now: datetime) -> None:
    """``names`` are the pages that exist by key; the new ones join them."""
    today = timezone.localdate(now)
    for story in script.stories:
        names[story.key] = _draft(story, names, today)
    ids = {key: page.pk for key, page in names.items()}
    shelf = _Shelf(script)
    for story in reversed(script.stories):  # the first of a script comes out last, so that it is the newest
        page: Any = names[story.key]
        owner = page.organisation
        page.body = stream(type(page), "body", story.body, ids)
        page.lead_image = shelf.picture(story.drawing, owner) if story.drawing else None
        page.attachments = [
            Attachment(document=shelf.document(key, owner), sort_order=number)
            for number, key in enumerate(story.papers)
        ]
        page.related_pages = [
            RelatedPage(target=names[key], relation=relation, sort_order=number)
            for number, (key, relation) in enumerate(story.related)
        ]
        if isinstance(page, ReportPage):
            _fill_report(page, story, names)
        revision = page.save_revision()
        if not story.held_back:
            revision.publish()


def _draft(story: Story, names: Mapping[str, Page], today: date) -> Shareable:
    above = names[f"{story.partner}/{story.section}" if story.section else story.partner]
    page = MODELS[story.model](
        translation_key=number_of(story.key),
        title=story.title,
        summary=story.summary,
        published_on=story.published_on or today - timedelta(days=story.days_ago),
        lead_caption=story.caption,
        share=True,
        live=False,
        has_unpublished_changes=True,
        **story.facts,
    )
    page.credits = [
        Credit(name=name, role=role, affiliation=affiliation, sort_order=number)
        for number, (name, role, affiliation) in enumerate(story.authors)
    ]
    page.corrections = [
        Correction(date=today - timedelta(days=days_ago), text=text, sort_order=number)
        for number, (days_ago, text) in enumerate(story.corrections)
    ]
    above.add_child(instance=page)
    return page


def _fill_report(page: ReportPage, story: Story, names: Mapping[str, Page]) -> None:
    page.agenda_days = [
        AgendaDay(
            title=day.title,
            date=day.date,
            sort_order=number,
            items=stream(AgendaDay, "items", [("item", {"title": t, "text": text}) for t, text in day.items], {}),
        )
        for number, day in enumerate(story.agenda)
    ]
    page.participant_rows = [
        Participant(chosen=names[guest.partner], person=guest.person, role=guest.role, sort_order=number)
        for number, guest in enumerate(story.guests)
    ]


class _Shelf:
    """Pictures and documents by key, each made when first asked for, in the collection of who publishes it."""

    def __init__(self, script: Script) -> None:
        self.drawings = {drawing.key: drawing for drawing in script.drawings}
        self.papers = {paper.key: paper for paper in script.papers}
        self.made: dict[tuple[str, int], Any] = {}

    def picture(self, key: str, owner: OrganisationPage) -> CustomImage:
        if (key, owner.pk) not in self.made:
            self.made[key, owner.pk] = make_picture(self.drawings[key], owner.collection)
        made: CustomImage = self.made[key, owner.pk]
        return made

    def document(self, key: str, owner: OrganisationPage) -> CustomDocument:
        if (key, owner.pk) not in self.made:
            self.made[key, owner.pk] = make_document(self.papers[key], owner.collection)
        made: CustomDocument = self.made[key, owner.pk]
        return made
