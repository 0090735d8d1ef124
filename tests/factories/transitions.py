"""What can happen to a page, as people, commands and the clock do it. Each takes the site, a page, and a number to
choose by."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction

from cms.models import OrganisationPage, SectionPage
from cms.models.base import Shareable
from tests.factories.secret_tree import document, organisation, picture, piece, piece_words, section, word, words

HOUR = timedelta(hours=1)


@dataclass
class Site:
    """The pages of one example, and the collection that pictures and documents can be hidden in."""

    organisations: list[int] = field(default_factory=list)
    collection: Collection | None = None

    def pages(self) -> list[Any]:
        roots = OrganisationPage.objects.filter(pk__in=self.organisations)
        paths = [root.path for root in roots]
        pages = Page.objects.filter(depth__gt=2).order_by("path")
        return [page.specific for page in pages if any(page.path.startswith(path) for path in paths)]

    def parents(self) -> list[Any]:
        return [page for page in self.pages() if isinstance(page, OrganisationPage | SectionPage)]

    def pieces(self) -> list[Any]:
        return [page for page in self.pages() if isinstance(page, Shareable)]


def plant(shape: list[tuple[int, int, bool, bool]]) -> Site:
    """Two organisations with a section each; then a piece for each of (place, kind, live, shared). Everything refers to
    everything: related pages, links in texts, who took part, pictures, documents."""
    site = Site()
    for _ in range(2):
        made = organisation()
        site.organisations.append(made.pk)
        section(made)
    root = Collection.get_first_root_node()
    site.collection = root.add_child(name="Files").add_child(name="Inner")
    for place, kind, live, share in shape:
        parents = site.parents()
        piece(parents[place % len(parents)], kind, live=live, share=share)
    for number, page in enumerate(site.pieces()):
        refer(site, page, number)
    return site


def refer(site: Site, page: Any, number: int) -> None:
    """Gives a piece a picture and a document of the collection, and makes it name its neighbours."""
    others = [other for other in site.pages() if other.pk != page.pk]
    links = "".join(f'<a linktype="page" id="{other.pk}">there</a> ' for other in others)
    paper, image = document(collection=site.collection), picture(collection=site.collection)
    text = f'<p>Body {word()} {links}<a linktype="document" id="{paper.pk}">paper</a></p>'
    page.body = json.dumps([{"type": "paragraph", "value": text}, {"type": "figure", "value": {"image": image.pk}}])
    page.lead_image = picture(collection=site.collection)
    page.attachments.create(document=document(collection=site.collection))
    page.related_pages.create(target=others[number % len(others)])
    if hasattr(page, "participant_rows"):
        for chosen in site.organisations:
            page.participant_rows.create(chosen_id=chosen, person=f"Person {word()}")
    if page.live:
        page.save_revision().publish()
    else:
        page.save()


def edit(site: Site, page: Any, number: int) -> None:
    for name, value in _words_of(page).items():
        setattr(page, name, value)
    page.save_revision().publish()


def write_draft(site: Site, page: Any, number: int) -> None:
    for name, value in _words_of(page).items():
        setattr(page, name, value)
    page.save_revision()


def schedule(site: Site, page: Any, number: int) -> None:
    """New words for later; what is out stays."""
    for name, value in _words_of(page).items():
        setattr(page, name, value)
    page.go_live_at = timezone.now() + HOUR
    page.save_revision(approved_go_live_at=page.go_live_at).publish()


def unpublish(site: Site, page: Any, number: int) -> None:
    page.unpublish()


def publish_again(site: Site, page: Any, number: int) -> None:
    page.save_revision().publish()


def restrict(site: Site, page: Any, number: int) -> None:
    kinds = [PageViewRestriction.PASSWORD, PageViewRestriction.LOGIN, PageViewRestriction.GROUPS]
    made = PageViewRestriction.objects.create(page=page, restriction_type=kinds[number % 3], password="secret")
    made.groups.set(Group.objects.all()[:1])


def lift(site: Site, page: Any, number: int) -> None:
    PageViewRestriction.objects.filter(page__in=[*page.get_ancestors(), page]).delete()


def expire(site: Site, page: Any, number: int) -> None:
    """The time is over, and nobody has unpublished it yet."""
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now())


def prolong(site: Site, page: Any, number: int) -> None:
    Page.objects.filter(pk=page.pk).update(expire_at=timezone.now() + HOUR)


def silently_off(site: Site, page: Any, number: int) -> None:
    Page.objects.filter(pk=page.pk).update(live=False)


def silently_on(site: Site, page: Any, number: int) -> None:
    Page.objects.filter(pk=page.pk).update(live=True)


def move(site: Site, page: Any, number: int) -> None:
    parents = [p for p in site.parents() if not p.path.startswith(page.path) and page.can_move_to(p)]
    if parents:
        page.move(parents[number % len(parents)], "last-child")


def rename(site: Site, page: Any, number: int) -> None:
    page.slug = f"slug-{word()}"
    page.save_revision().publish()


def rename_unseen(site: Site, page: Any, number: int) -> None:
    """First hidden, then renamed: the old address must not lead to the new one."""
    rename(site, page, number)
    restrict(site, type(page).objects.get(pk=page.pk), number)


def share(site: Site, page: Any, number: int) -> None:
    if isinstance(page, Shareable):
        page.share = not page.share
        page.save_revision().publish()


def alias(site: Site, page: Any, number: int) -> None:
    parents = site.parents()
    if isinstance(page, Shareable):
        page.create_alias(parent=parents[number % len(parents)], update_slug=f"slug-{word()}")


def copy(site: Site, page: Any, number: int) -> None:
    if isinstance(page, Shareable):
        page.copy(update_attrs={"slug": f"slug-{word()}"}, keep_live=bool(number % 2))


def delete(site: Site, page: Any, number: int) -> None:
    if len(site.pieces()) > 2 and isinstance(page, Shareable):
        page.delete()


def hide_files(site: Site, page: Any, number: int) -> None:
    """The collection, or the one above it."""
    assert site.collection is not None
    collection = site.collection if number % 2 else site.collection.get_parent()
    CollectionViewRestriction.objects.get_or_create(
        collection=collection, restriction_type=CollectionViewRestriction.PASSWORD, password="secret"
    )


def show_files(site: Site, page: Any, number: int) -> None:
    CollectionViewRestriction.objects.all().delete()


def _words_of(page: Any) -> dict[str, Any]:
    if isinstance(page, Shareable):
        return piece_words()
    return words(**({"summary": f"About {word()}"} if isinstance(page, OrganisationPage) else {}))


Transition = Callable[[Site, Any, int], None]
TRANSITIONS: list[Transition] = [
    edit,
    write_draft,
    schedule,
    unpublish,
    publish_again,
    restrict,
    lift,
    expire,
    prolong,
    silently_off,
    silently_on,
    move,
    rename,
    rename_unseen,
    share,
    alias,
    copy,
    delete,
    hide_files,
    show_files,
]
