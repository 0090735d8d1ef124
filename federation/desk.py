"""Federation's side of the contract: what an editor may ask, and the little that an editor may order. It answers from
the ledger; the site finds it by a dotted path in its settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from .actors.document import sketch_document
from .actors.local import find_by_key, handle_is_free
from .conf import federation_settings
from .contract import (
    Boosting,
    Consequence,
    Deliveries,
    Delivery,
    Gesture,
    LinkBack,
    Preview,
    Publication,
    Publisher,
    Report,
    ShownProfile,
    Way,
)
from .models import Delivery as DeliveryRow
from .models import LedgerEntry, ProfileLink
from .outbox import boost
from .outbox.back_links import list_links, look_again
from .outbox.consequence import consequence
from .outbox.preview import preview
from .outbox.progress import MOST, deliveries
from .outbox.quiet import keep_quiet
from .outbox.release import send_again
from .outbox.reports import reports
from .views.visible import featured_objects
from .vocab.shown_profile import show_profile
from .way_home import fetch_way_home


class FederationDesk:
    """Implements :class:`federation.contract.Desk`."""

    def delivery(self, key: str) -> Delivery:
        entry = LedgerEntry.objects.select_related("current").filter(key=key).first()
        if entry is None or entry.current is None:
            return Delivery(shared=False, address="", accepted=0, waiting=0, refused=0)
        states = DeliveryRow.State
        counts = DeliveryRow.objects.filter(activity__object=entry.current).aggregate(
            accepted=Count("inbox", filter=Q(state=states.ACCEPTED), distinct=True),
            waiting=Count("inbox", filter=Q(state=states.WAITING), distinct=True),
            refused=Count("inbox", filter=Q(state__in=(states.REFUSED, states.EXPIRED)), distinct=True),
        )
        shared = entry.state == LedgerEntry.State.LIVE
        return Delivery(shared=shared, address=entry.current.uri if shared else "", **counts)

    def alternate(self, key: str) -> str | None:
        entry = LedgerEntry.objects.filter(key=key, state=LedgerEntry.State.LIVE).select_related("current").first()
        return entry.current.uri if entry and entry.current else None

    def show_profile(self, publisher: Publisher) -> ShownProfile | None:
        actor = find_by_key(publisher.key)
        if actor is not None and actor.deleted_at is not None:
            return None
        document = sketch_document(actor, publisher, timezone.now())
        confirmed = actor.links.filter(page=publisher.url, state=ProfileLink.State.CONFIRMED) if actor else ()
        return show_profile(
            document,
            confirmed={link.address for link in confirmed},
            pinned=[told.title for told in featured_objects(actor, publisher.pinned)] if actor else (),
            followers=actor.followers.count() if actor else 0,
        )

    def links_back(self, publisher: str) -> tuple[LinkBack, ...]:
        actor = find_by_key(publisher)
        return list_links(actor) if actor else ()

    def look_for_links_back(self, publisher: str) -> None:
        actor = find_by_key(publisher)
        if actor is not None:
            look_again(actor, timezone.now())

    def handle_is_free(self, handle: str, publisher: str) -> bool:
        return handle_is_free(handle, publisher)

    def full_handle(self, publisher: str) -> str | None:
        actor = find_by_key(publisher)
        if actor is None or actor.deleted_at:
            return None
        return f"@{actor.handle}@{federation_settings().host}"

    def keep_quiet(self, key: str) -> AbstractContextManager[None]:
        return keep_quiet(key)

    def consequence(self, key: str, publication: Publication | None) -> Consequence:
        return consequence(key, publication, timezone.now())

    def preview(self, publication: Publication, publisher: Publisher) -> Preview:
        return preview(publication, publisher, timezone.now())

    def deliveries(self, key: str, *, skip: int = 0, most: int = MOST) -> Deliveries:
        return deliveries(key, skip=skip, most=most)

    def send_again(self, key: str, origin: str | None = None) -> int:
        return send_again(timezone.now(), origin, key)

    def boost(self, key: str) -> Boosting:
        return boost.ask(key, timezone.now())

    def reports(self, publishers: Collection[str], since: datetime, until: datetime) -> Mapping[str, Report]:
        return reports(publishers, since, until)

    def fetch_way_home(self, gesture: Gesture, key: str, typed: str, asker: str) -> Way:
        return fetch_way_home(gesture, key, typed, asker)
