"""What an editor sees in a preview is what another server received, for every type of page: written in the form,
previewed there before it was ever saved, published there, and sent by the pump to a server that keeps what it gets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone
from wagtail.models import Page

from cms import profiles
from cms.models import NewsPage, OrganisationPage
from cms.previews import DRAWINGS
from cms.visibility import shareable_models
from federation.actors.local import ensure_publisher
from federation.models import LocalActor
from federation.outbox import reconcile
from federation.vocab.shown import shown_by_gotosocial, shown_by_mastodon, shown_to_readers
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import make_organisation
from tests.factories.delivery import Clock, Sink, follow_from, run, sink
from tests.factories.full_forms import OWN_FIELDS, AtWork

pytestmark = pytest.mark.django_db
SHOWN = {"mastodon": shown_by_mastodon, "reader": shown_to_readers, "gotosocial": shown_by_gotosocial}
# The id and the times come with the first telling; the proof is over them.
GIVEN = {"id", "published", "updated", "proof"}
CHOICES: dict[str, dict[str, Any]] = {
    "as proposed": {},
    "short text, photos": {"form": "note", "showing": "photos"},
    "everything chosen": {"content_note": "Violence", "quotes": "followers", "replies": "nobody", "audience": "quiet"},
    "short text with a note": {"form": "note", "content_note": "Violence"},
}


@pytest.fixture
def organisation() -> OrganisationPage:
    made = make_organisation("Partner for Water", handle="water")
    made.logo = make_image(collection=made.collection)
    made.save_revision().publish()
    return OrganisationPage.objects.get(pk=made.pk)


@pytest.fixture
def actor(organisation: OrganisationPage) -> LocalActor:
    profile = profiles.publisher(organisation.publisher_key)
    assert profile is not None
    return ensure_publisher(profile, timezone.now())[0]


@pytest.fixture
def peer(actor: LocalActor) -> Iterator[Sink]:
    with sink() as server:
        follow_from(actor, server)
        yield server


def _arrived(peer: Sink) -> dict[str, Any]:
    """The object of the newest activity about a page that the peer got."""
    while reconcile.drain(timezone.now()):
        pass
    run(Clock(timezone.now() + timedelta(minutes=1)))
    said = [json.loads(seen.body) for seen in peer.seen]
    newest = [
        one for one in said if one["type"] in ("Create", "Update") and one["object"]["type"] in ("Article", "Note")
    ][-1]
    # The activity carries the context of both.
    return {"@context": newest["@context"]} | newest["object"]


def _body(seen: Any) -> dict[str, Any]:
    return json.loads(seen.body)


def _promised(html: str) -> dict[str, Any]:
    pre = BeautifulSoup(html, "html.parser").pre
    assert pre is not None
    return json.loads(pre.text)


def _without_given(document: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in document.items() if name not in GIVEN}
    return {name: _without_given(value) if isinstance(value, dict) else value for name, value in kept.items()}


def test_every_type_of_page_is_compared() -> None:
    assert set(OWN_FIELDS) == set(shareable_models())


@pytest.mark.parametrize(
    ("model", "choices"),
    [
        *((model, choices) for model in OWN_FIELDS for choices in ("as proposed", "everything chosen")),
        (NewsPage, "short text, photos"),
        (NewsPage, "short text with a note"),
    ],
)
def test_what_the_preview_shows_is_what_the_peer_received(
    organisation: OrganisationPage, actor: LocalActor, peer: Sink, model: type[Page], choices: str
) -> None:
    """Of a page that was never saved, and of a change to it. Fails if the preview is made of the stored page, of the
    address that the page had, or of anything that ``build_object`` did not make; seen by each of these breaks."""
    at_work = AtWork(organisation, model)
    data = at_work.form(**CHOICES[choices])
    at_work.writes(data)
    seen = {mode: at_work.sees(mode) for mode in DRAWINGS}
    at_work.publishes(data)
    _same(seen, _arrived(peer), actor)

    changed = data | {"title": "Pipes", "slug": "pipes", "place": "Kuldīga"}
    at_work.writes(changed)
    seen = {mode: at_work.sees(mode) for mode in DRAWINGS}
    at_work.publishes(changed)
    arrived = _arrived(peer)
    _same(seen, arrived, actor)
    assert arrived["url"].endswith("/pipes/")


def _same(seen: dict[str, str], arrived: dict[str, Any], actor: LocalActor) -> None:
    actor.refresh_from_db()
    profile = json.loads(bytes(actor.document))
    for mode, html in seen.items():
        promised = _promised(html)
        assert _without_given(promised) == _without_given(arrived)
        shown = SHOWN[mode](arrived, profile)
        assert shown == SHOWN[mode](promised, profile)
        for words in (shown.name, shown.handle, shown.title, shown.warning):
            assert words in BeautifulSoup(html, "html.parser").main.text  # type: ignore[union-attr]
        assert shown.html in html
        pictures = {picture.url for picture in shown.pictures}
        card = shown.card and shown.card.image
        assert pictures | ({card.url} if card else set()) | {shown.avatar} - {""} == _pictures(html)


def _pictures(html: str) -> set[str]:
    """Outside of the text, which is compared already."""
    soup = BeautifulSoup(html, "html.parser")
    return {str(image["src"]) for image in soup.find_all("img") if image.find_parent(class_="text") is None}
