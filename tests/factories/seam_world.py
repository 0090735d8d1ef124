"""A small site to shake: two organisations with sections, pages that use pictures, documents and each other, and one
reader on another server who follows both."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, Revision

from cms.models import Attachment, OrganisationPage, SectionPage
from cms.models.base import Shareable
from cms.models.report import Participant
from federation.models import LocalActor, Wake
from federation.outbox import reconcile
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import (
    home_page,
    make_document_page,
    make_news,
    make_organisation,
    make_report,
    make_section,
)
from tests.factories.cms_people import make_admin
from tests.factories.delivery import Clock, Sink, follow_from, run


@dataclass
class World:
    """What does not change while pages come and go."""

    admin: Any
    german: Locale
    open_collection: Collection
    closed_collection: Collection
    numbers: itertools.count[int]

    def fresh(self) -> str:
        """A word that nothing else is called by."""
        return f"w{next(self.numbers)}"


def make_world(server: Sink) -> World:
    collection = Collection.get_first_root_node().add_child(name="Open")
    world = World(
        make_admin(),
        Locale.objects.create(language_code="de"),
        collection,
        make_private_collection(),
        itertools.count(1),
    )
    first, second = (
        make_organisation(f"Organisation {n}", slug=f"org-{n}", handle=f"org_{n}", country="LV") for n in (1, 2)
    )
    _tell()
    for actor in LocalActor.objects.filter(kind=LocalActor.Kind.ORGANISATION):
        follow_from(actor, server, actor.handle)
    news, reports, other = make_section(first), make_section(first), make_section(second)
    image, document = (make(collection=collection) for make in (make_image, make_document))
    shared: dict[str, Any] = {"share": True}
    told = make_news(news, title="Told", lead_image=image, **shared)
    points = [("paragraph", f'<p><a linktype="page" id="{told.pk}">see told</a></p>')]
    make_news(other, title="Pointing", body=points, **shared)
    row = Participant(chosen=second)
    make_report(reports, title="Report", lead_image=image, participant_rows=[row], **shared)
    make_document_page(first, title="Paper", attachments=[Attachment(document=document)], **shared)
    make_news(second, title="Silent", lead_image=make_image(collection=collection))
    _tell()
    run(Clock(timezone.now()))
    return world


def _tell() -> None:
    while reconcile.drain(timezone.now()):
        pass


def actors() -> dict[str, str]:
    return dict(LocalActor.objects.values_list("key", "uri"))


def content() -> list[Any]:
    """All pages that an editor may edit, oldest first."""
    return [
        page for page in Page.objects.filter(alias_of=None).order_by("pk").specific() if isinstance(page, Shareable)
    ]


def sections() -> list[SectionPage]:
    return list(SectionPage.objects.filter(alias_of=None).order_by("pk"))


def organisations() -> list[OrganisationPage]:
    return list(OrganisationPage.objects.filter(alias_of=None).order_by("pk"))


def branches() -> list[Any]:
    return [*organisations(), *sections()]


def everything() -> list[Any]:
    return [home_page(), *branches(), *content()]


def pick(things: list[Any], number: int) -> Any:
    """One of them; None of none."""
    return things[number % len(things)] if things else None


def has_room_for(parent: Any, page: Any) -> bool:
    """Whether the page may move there: Wagtail refuses a second slug of the same name."""
    return not parent.get_children().filter(slug=page.slug).exists()


def draft_of(page: Any) -> Any:
    """What an editor finds in the form: the latest revision, also if it is not published."""
    return page.get_latest_revision_as_object()


def let_time_pass(hours: int) -> None:
    """Moves every date that Wagtail keeps into the past. Nobody saved anything, so nobody is woken."""
    last = Wake.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    step = timedelta(hours=hours)
    Page.objects.filter(expire_at__isnull=False).update(expire_at=F("expire_at") - step)
    Page.objects.filter(go_live_at__isnull=False).update(go_live_at=F("go_live_at") - step)
    Revision.objects.filter(approved_go_live_at__isnull=False).update(
        approved_go_live_at=F("approved_go_live_at") - step
    )
    for revision in Revision.objects.all():
        dates = {name: revision.content.get(name) for name in ("go_live_at", "expire_at")}
        for name, date in dates.items():
            if date:
                revision.content[name] = (timezone.datetime.fromisoformat(date) - step).isoformat()
        if any(dates.values()):
            revision.save(update_fields=["content"])
    Wake.objects.filter(pk__gt=last).delete()
