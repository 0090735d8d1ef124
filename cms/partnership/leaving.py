"""A partner leaves, and may come back. Leaving takes away what its people may do, and nothing of what they published:
its page, content and files stay, and so does its profile, which answers as before. Deleting the profile would make
every server forget it for ever (AC-13: 410 only for what never returns)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from wagtail.log_actions import log
from wagtail.models import ContentType, Page, Revision

from cms import partners
from cms.models import Departure, Invitation, OrganisationPage, User
from cms.visibility import public_pages, readable_pages

from .invitations import open_invitations, withdraw


@dataclass(frozen=True, slots=True)
class Consequences:
    """What leaving would change now: numbers of people, invitations, pages that readers see, of those the shared ones,
    and versions that wait for their time."""

    people: int
    invitations: int
    pages: int
    shared: int
    scheduled: int


def consequences(organisation: OrganisationPage) -> Consequences:
    below = _below(organisation)
    return Consequences(
        people=members_of(organisation).count(),
        invitations=open_invitations(organisation).count(),
        pages=readable_pages().filter(below).count(),
        shared=public_pages().filter(below).count(),
        scheduled=_scheduled(organisation).count(),
    )


def leave(organisation: OrganisationPage, user: Any, now: datetime, *, hide: bool) -> Departure:
    """Its people lose their access and its invitations their links; what it scheduled stays a draft. With ``hide`` its
    page is unpublished in every language, and with it all that lies below disappears. Twice changes nothing more."""
    with transaction.atomic():
        _hold(organisation)
        departure = _find(organisation)
        if departure is not None:
            return departure
        departure = Departure.objects.create(
            publisher=organisation.publisher_key, left_at=now, left_by=user, hidden=hide
        )
        # Before the group is emptied: whoever is joining in this moment is in it now, or will find no link.
        withdraw(Invitation.objects.filter(organisation__in=versions_of(organisation)), user, now)
        departure.members.set(members_of(organisation))
        if organisation.editors is not None:
            organisation.editors.user_set.clear()
        for version in versions_of(organisation):
            partners.take_back(version)
        _scheduled(organisation).update(approved_go_live_at=None)
        for version in versions_of(organisation).filter(live=True) if hide else ():
            version.unpublish(user=user)
        log(instance=organisation, action="cms.partner.leave", user=user)
    return departure


def come_back(organisation: OrganisationPage, people: Iterable[User], user: Any, now: datetime) -> bool:
    """Its group and collection have their rights again, and of its former editors those in ``people`` are in the group.
    A hidden page stays hidden until somebody publishes it. Whether it was away."""
    with transaction.atomic():
        _hold(organisation)
        departure = _find(organisation)
        if departure is None:
            return False
        departure.returned_at = now
        departure.save(update_fields=["returned_at"])
        for version in versions_of(organisation):
            partners.grant(version)
        if organisation.editors is not None:
            organisation.editors.user_set.add(*departure.members.filter(pk__in=[person.pk for person in people]))
        log(instance=organisation, action="cms.partner.return", user=user)
    return True


def departure_of(organisation: OrganisationPage) -> Departure | None:
    return _find(organisation)


def members_of(organisation: OrganisationPage) -> QuerySet[User]:
    group: Group | None = organisation.editors
    return User.objects.filter(groups=group) if group is not None else User.objects.none()


def versions_of(organisation: OrganisationPage) -> QuerySet[OrganisationPage]:
    """Its pages in all languages."""
    found: QuerySet[OrganisationPage] = OrganisationPage.objects.filter(
        translation_key=organisation.translation_key, alias_of__isnull=True
    )
    return found


def _hold(organisation: OrganisationPage) -> None:
    """Whoever invites holds the same row, so nobody is invited while the partner leaves."""
    OrganisationPage.objects.select_for_update(of=("self",)).get(pk=organisation.pk)


def _find(organisation: OrganisationPage) -> Departure | None:
    return Departure.objects.filter(publisher=organisation.publisher_key, returned_at=None).first()


def _below(organisation: OrganisationPage) -> Q:
    paths = versions_of(organisation).values_list("path", flat=True)
    return reduce(or_, (Q(path__startswith=path) for path in paths), Q(pk__in=()))


def _scheduled(organisation: OrganisationPage) -> QuerySet[Revision]:
    # Numbers of pages are text in the table of revisions.
    pages = [str(pk) for pk in Page.objects.filter(_below(organisation)).order_by().values_list("pk", flat=True)]
    return Revision.objects.filter(
        base_content_type=ContentType.objects.get_for_model(Page),
        object_id__in=pages,
        approved_go_live_at__isnull=False,
    )
