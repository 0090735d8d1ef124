"""Two organisations, a reader on another server who follows both, and pages that each live a story of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction

from cms import sending
from cms.keys import page_key
from cms.sharing import stop_sharing
from federation.models import LocalActor, Wake
from federation.outbox import reconcile
from tests.factories.cms_pages import make_news, make_organisation, make_private, make_section
from tests.factories.cms_people import make_admin
from tests.factories.delivery import Sink, follow_from
from tests.factories.seam_truth import Truth
from tests.factories.timeline import Shown

WORDS = ("wells", "courts", "schools")  # few, so that a text often returns to what it was
_SHIFT = """
    UPDATE wagtailcore_revision SET approved_go_live_at = approved_go_live_at - %(step)s,
        content = content || jsonb_strip_nulls(jsonb_build_object(
            'go_live_at', (content->>'go_live_at')::timestamptz - %(step)s,
            'expire_at', (content->>'expire_at')::timestamptz - %(step)s))
    WHERE approved_go_live_at IS NOT NULL OR content->>'go_live_at' IS NOT NULL OR content->>'expire_at' IS NOT NULL
"""


@dataclass
class World:
    """``stories`` are pages by number, None once deleted; ``sections`` are where they may stand."""

    chance: Random
    admin: Any = None
    sections: list[Any] = field(default_factory=list)
    stories: list[Any] = field(default_factory=list)

    def page(self, number: int) -> Any:
        """As it is now."""
        known = self.stories[number]
        return known and type(known).objects.get(pk=known.pk)

    def text(self, number: int) -> dict[str, str]:
        words = f"Story {number} of {self.chance.choice(WORDS)}"
        return {"title": words, "summary": f"What is to be known: {words}."}

    def later(self) -> datetime:
        return timezone.now() + timedelta(hours=self.chance.randint(1, 4), minutes=30)


def make_story_world(chance: Random, server: Sink, number: int) -> World:
    """``number`` drafts that nobody has read."""
    world = World(chance, make_admin())
    for n, form in enumerate(("article", "note")):
        organisation = make_organisation(f"Organisation {n}", slug=f"org-{n}", handle=f"org_{n}", default_form=form)
        world.sections += [organisation, make_section(organisation)]
    while reconcile.drain(timezone.now()):
        pass
    for actor in LocalActor.objects.filter(kind=LocalActor.Kind.ORGANISATION):
        follow_from(actor, server, actor.handle)
    for n in range(number):
        world.stories.append(make_news(chance.choice(world.sections), slug=f"story-{n}", live=False, **world.text(n)))
    return world


def let_hours_pass(hours: int) -> None:
    """Moves every date that Wagtail keeps into the past. Nobody saved anything, so nobody is woken."""
    last = Wake.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    step = timedelta(hours=hours)
    Page.objects.filter(expire_at__isnull=False).update(expire_at=F("expire_at") - step)
    Page.objects.filter(go_live_at__isnull=False).update(go_live_at=F("go_live_at") - step)
    with connection.cursor() as cursor:
        cursor.execute(_SHIFT, {"step": step})
    Wake.objects.filter(pk__gt=last).delete()


# What can happen to a page. Some do what the views of the editor do, without their forms; most, because that takes a
# tenth of the time, what a command does to the rows.


def publish(world: World, number: int) -> None:
    _publish(world, number, share=True, audience="public", go_live_at=None, expire_at=None, **world.text(number))


def edit(world: World, number: int) -> None:
    _publish(world, number, **world.text(number))


def edit_for_the_website_only(world: World, number: int) -> None:
    _publish(world, number, website_only=True, **world.text(number))


def write_a_draft(world: World, number: int) -> None:
    _draft(world, number, **world.text(number)).save_revision(clean=False)


def withdraw(world: World, number: int) -> None:
    page = world.page(number)
    if page.live:
        page.unpublish()


def remove_from_others(world: World, number: int) -> None:
    stop_sharing(world.page(number), world.admin)


def keep_on_this_site(world: World, number: int) -> None:
    _publish(world, number, audience="site")


def schedule(world: World, number: int) -> None:
    quiet = {"website_only": world.chance.random() < 0.2}
    _publish(world, number, share=True, go_live_at=world.later(), expire_at=None, **quiet, **world.text(number))


def let_expire(world: World, number: int) -> None:
    _publish(world, number, go_live_at=None, expire_at=world.later())


def wait_for_a_minute(world: World, number: int) -> None:
    """“Sending in 60 s”."""
    version = _draft(world, number, share=True, go_live_at=None, **world.text(number)).save_revision(clean=False)
    sending.postpone(version, world.admin, timezone.now())


def undo(world: World, number: int) -> None:
    wait_for_a_minute(world, number)
    waiting = sending.find_waiting(world.page(number))
    assert waiting is not None
    assert sending.undo([waiting], world.admin) == 1


def hide_or_show(world: World, number: int) -> None:
    page = world.page(number)
    if not PageViewRestriction.objects.filter(page=page).delete()[0]:
        make_private(page)


def move(world: World, number: int) -> None:
    """To another section or to the other organisation."""
    world.page(number).move(world.chance.choice(world.sections), pos="last-child")


def delete(world: World, number: int) -> None:
    world.page(number).delete()
    world.stories[number] = None


def publish_by_command(world: World, number: int) -> None:
    _update(world, number, live=True, share=True, expire_at=None, **world.text(number))


def edit_by_command(world: World, number: int) -> None:
    _update(world, number, **world.text(number))


def withdraw_by_command(world: World, number: int) -> None:
    _update(world, number, live=False)


def end_by_command(world: World, number: int) -> None:
    _update(world, number, expire_at=world.later())


STEPS: dict[Callable[[World, int], None], int] = {
    publish_by_command: 34,
    edit_by_command: 14,
    withdraw_by_command: 10,
    end_by_command: 8,
    publish: 3,
    edit: 1,
    edit_for_the_website_only: 4,
    write_a_draft: 1,
    withdraw: 2,
    remove_from_others: 2,
    keep_on_this_site: 1,
    schedule: 4,
    let_expire: 1,
    wait_for_a_minute: 1,
    undo: 1,
    hide_or_show: 5,
    move: 2,
    delete: 1,
}


def _draft(world: World, number: int, **changes: Any) -> Any:
    """What an editor finds in the form, changed: the latest version, also if it is not published, and without its wish
    to be for the website only."""
    draft = world.page(number).get_latest_revision_as_object()
    for name, value in {"website_only": False, **changes}.items():
        setattr(draft, name, value)
    return draft


def _publish(world: World, number: int, **changes: Any) -> None:
    _draft(world, number, **changes).save_revision(clean=False).publish()


def _update(world: World, number: int, **changes: Any) -> None:
    known = world.stories[number]
    type(known).objects.filter(pk=known.pk).update(**changes)


@dataclass
class Expected:
    """What the reader ought to have of each page, from what is true at each moment. ``shown`` is how the reader sees
    the page, ``noted`` how it looked when a worker last looked, ``quiet`` how after a change that is for the website
    only."""

    shown: dict[str, Shown] = field(default_factory=dict)
    noted: dict[str, Shown] = field(default_factory=dict)
    quiet: dict[str, Shown] = field(default_factory=dict)

    def changed_quietly(self, page: Any, before: Truth, after: Truth) -> None:
        """A wish that counts only where the reader had been told everything else."""
        key = page_key(page.pk)
        then, now = before.public.get(key), after.public.get(key)
        if then and now and self._is_told(key, then) and now.publisher == then.publisher:
            self.quiet[key] = now

    def looked_at(self, key: str, truth: Truth) -> None:
        now = truth.public.get(key)
        if now is None:
            self.shown.pop(key, None)
        elif not self._is_told(key, now):
            self.shown[key] = now
        if now is not None:
            self.noted[key] = now
        self.quiet.pop(key, None)

    def _is_told(self, key: str, now: Shown) -> bool:
        shown = self.shown.get(key)
        return shown is not None and shown.publisher == now.publisher and now in (self.noted[key], self.quiet.get(key))
