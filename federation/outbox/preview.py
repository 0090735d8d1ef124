"""What would go out if a page were published as it is now: the very document, and what peers make of it. Nothing is
stored. Called by the desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from federation.actors.document import sketch_document
from federation.actors.local import find_by_key
from federation.answers import Preview
from federation.contract import Publication, Publisher
from federation.models import LedgerEntry
from federation.vocab.build import build_object
from federation.vocab.shown import shown_by_gotosocial, shown_by_mastodon, shown_to_readers

from .decide import Step, decide, observed
from .ledger import next_update
from .quiet import told_by
from .send import object_uri

_NOT_YET = UUID(int=0)  # the id comes with the first telling


def preview(publication: Publication, publisher: Publisher, now: datetime) -> Preview:
    actor = find_by_key(publisher.key)
    profile = sketch_document(actor, replace(publisher, handle=actor.handle) if actor else publisher, now)
    entry = LedgerEntry.objects.select_related("current").filter(pk=publication.key).first()
    uri, published, updated = _identity(entry, publication, now)
    document = build_object(
        publication,
        uri=uri,
        actor=profile["id"],
        followers=profile["followers"],
        published=published,
        updated=updated,
    )
    return Preview(
        document,
        shown_by_mastodon(document, profile),
        shown_to_readers(document, profile),
        shown_by_gotosocial(document, profile),
    )


def _identity(
    entry: LedgerEntry | None, publication: Publication, now: datetime
) -> tuple[str, datetime, datetime | None]:
    """The id and the dates that the ledger would give it."""
    steps = decide(told_by(entry or LedgerEntry()), observed(publication))
    if entry is None or entry.current is None or Step.CREATE in steps:
        return object_uri(_NOT_YET), now, None
    told = entry.current
    return told.uri, told.published, next_update(told, now) if Step.UPDATE in steps else told.updated
