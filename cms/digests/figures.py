"""What happened, for one person: only at organisations that they edit now, and as numbers only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wagtail.models import PageLogEntry, Site

from cms.addresses import page_address
from cms.desk import desk
from cms.keys import SITE
from cms.models import MailPreference, OrganisationPage, SiteSettings, User
from cms.partners import publishers_editable_by
from federation.contract import Report

from .due import Kind

# A page that goes out sooner after its author's click than this was not scheduled: somebody still sits there.
AHEAD = timedelta(minutes=10)
ABOUT_SHARING = frozenset({Kind.APPROVAL, Kind.DELIVERY, Kind.FOLLOWERS})
NOTHING = Report()


@dataclass(frozen=True, slots=True)
class WentOut:
    title: str
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one organisation; zero for what the person does not want to hear, or what did not happen."""

    name: str
    approval: int = 0
    waiting: int = 0
    refused: int = 0
    followers: int = 0

    @property
    def says_something(self) -> bool:
        return any((self.approval, self.waiting, self.refused, self.followers))


def went_out(user: User, since: datetime, until: datetime) -> list[WentOut]:
    """Pages whose version this person scheduled, that are public still, and that they may edit still."""
    rows = PageLogEntry.objects.filter(
        action="wagtail.publish.scheduled", timestamp__gt=since, timestamp__lte=until, revision__user=user.pk
    )
    found = []
    for row in rows.select_related("page", "revision").order_by("timestamp", "pk"):
        if row.timestamp - row.revision.created_at < AHEAD or row.page is None or not row.page.live:
            continue
        if row.page.permissions_for_user(user).can_edit():
            found.append(WentOut(row.page.title, page_address(row.page), row.timestamp))
    return found


def figures(user: User, preference: MailPreference, kinds: Collection[Kind], until: datetime) -> list[Figures]:
    """Of each organisation where something happened, by name. Kinds have each their own beginning."""
    wanted = ABOUT_SHARING & frozenset(kinds)
    names = dict(_names(user)) if wanted else {}
    reports = {kind: desk().reports(set(names), preference.until(kind), until) for kind in wanted}

    def report(kind: Kind, key: str) -> Report:
        return reports.get(kind, {}).get(key, NOTHING)

    rows = (
        Figures(
            name,
            approval=report(Kind.APPROVAL, key).held,
            waiting=report(Kind.DELIVERY, key).waiting,
            refused=report(Kind.DELIVERY, key).refused,
            followers=report(Kind.FOLLOWERS, key).followers,
        )
        for key, name in names.items()
    )
    return sorted((row for row in rows if row.says_something), key=lambda row: row.name.casefold())


def _names(user: Any) -> Iterator[tuple[str, str]]:
    """Key and name of what this person edits."""
    keys = publishers_editable_by(user)
    for page in OrganisationPage.objects.filter(alias_of__isnull=True).order_by("-pk"):  # the first version names it
        if keys is None or page.publisher_key in keys:
            yield page.publisher_key, page.title
    site = Site.objects.filter(is_default_site=True).first() if keys is None else None
    if site is not None:
        yield SITE, SiteSettings.for_site(site).name or site.site_name or site.root_page.title
