"""Editors and reconcilers at the same moment, on real pages, with the database's own triggers: no change is lost and
nobody waits in a circle."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import Collection, Locale, Page, Site

from cms.models import HomePage, NewsPage
from federation.contract import Publication
from federation.models import Activity, LedgerEntry, Wake
from federation.outbox import reconcile
from federation.outbox.quiet import keep_quiet
from tests.factories.cms_media import make_image
from tests.factories.cms_pages import make_news, publish
from tests.factories.elsewhere import PATIENCE, Elsewhere

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page() -> NewsPage:
    """On a site of its own: a test in which several connections see the same leaves an empty database behind."""
    if not Site.objects.exists():
        Locale.objects.get_or_create(language_code="en")
        Collection.objects.exists() or Collection.add_root(name="Root")
        home = Page.add_root(title="Root").add_child(instance=HomePage(title="Home"))
        Site.objects.create(hostname="hub.example", port=443, is_default_site=True, root_page=home)
    made = make_news(share=True, title="First words")
    _settle()
    assert _said() == ["Create"]
    return made


def _settle() -> None:
    while reconcile.drain(timezone.now()):
        pass


def _said() -> list[str]:
    about = Activity.objects.filter(object__isnull=False)
    return list(about.order_by("created", "kind").values_list("kind", flat=True))


def test_a_change_that_commits_while_its_page_is_being_reconciled_is_told_next(page: NewsPage, monkeypatch) -> None:
    """The site was asked before it, and the wakes are taken away after it. Fails if ``reconcile`` deletes all wakes of
    the key instead of those that it read."""
    asked, committed = threading.Event(), threading.Event()
    good = reconcile.source

    class Slow:
        def __getattr__(self, name: str) -> object:
            return getattr(good(), name)

        def publication(self, key: str) -> Publication | None:
            answer = good().publication(key)
            if key == f"page:{page.pk}" and not asked.is_set():
                asked.set()
                assert committed.wait(PATIENCE)
            return answer

    monkeypatch.setattr(reconcile, "source", Slow)
    publish(page, title="Second words")
    reconciler = Elsewhere(lambda: reconcile.drain(timezone.now()))
    assert asked.wait(PATIENCE)
    publish(page, title="Third words")
    committed.set()
    reconciler.join()
    told = LedgerEntry.objects.get(pk=f"page:{page.pk}").current
    assert told.title == "Second words"
    _settle()
    told.refresh_from_db()
    assert told.title == "Third words"
    assert not Wake.objects.exists()


def test_a_change_of_a_page_that_a_reconciler_has_locked_does_not_wait_for_it(page: NewsPage) -> None:
    """Fails if the triggers touch the ledger's row instead of adding a row of their own."""
    with transaction.atomic():
        LedgerEntry.objects.select_for_update().get(pk=f"page:{page.pk}")
        Elsewhere(lambda: publish(page, title="Second words")).join()
    assert Wake.objects.filter(key=f"page:{page.pk}").exists()


def test_two_editors_who_wake_the_same_pages_in_opposite_order_do_not_deadlock(page: NewsPage) -> None:
    """One changes the picture of one page and then the other page itself; the other does it the other way round. Fails
    if there is one wake per key ("ON CONFLICT DO NOTHING" on a unique key waits for the other's end)."""
    other = make_news(share=True)
    pictures = [make_image(), make_image()]
    publish(page, lead_image=pictures[0])
    publish(other, lead_image=pictures[1])
    _settle()
    Wake.objects.all().delete()
    met = threading.Barrier(2)

    def edit(picture: int, words: int) -> None:
        with transaction.atomic():
            type(pictures[0]).objects.filter(pk=pictures[picture].pk).update(description="Better words")
            met.wait(PATIENCE)
            Page.objects.filter(pk=words).update(last_published_at=timezone.now())
            met.wait(PATIENCE)

    editors = [Elsewhere(lambda: edit(0, other.pk)), Elsewhere(lambda: edit(1, page.pk))]
    for editor in editors:
        editor.join()
    assert set(Wake.objects.values_list("key", flat=True)) >= {f"page:{page.pk}", f"page:{other.pk}"}


def test_reconcilers_that_take_the_same_keys_in_any_order_do_not_deadlock(page: NewsPage) -> None:
    """Fails if a drain keeps the ledger's rows of earlier keys locked (one transaction for all of them, waiting)."""
    pages = [page, *(make_news(share=True) for _ in range(4))]
    for number in range(3):
        for each in pages if number % 2 else reversed(pages):
            publish(each, title=f"Words {number}")
        together = [Elsewhere(_settle) for _ in range(3)]
        for each in together:
            each.join()
    _settle()
    assert not Wake.objects.exists()
    for each in pages:
        assert LedgerEntry.objects.get(pk=f"page:{each.pk}").current.title == "Words 2"


def _last_title() -> str:
    return LedgerEntry.objects.get(state="live").current.title


def test_a_quiet_change_that_is_really_committed_is_told_to_nobody(page: NewsPage) -> None:
    """The mark and the wakes of the same transaction. Fails if a wake's clock is that of its statement."""
    publish(page, title="Second words", website_only=True)
    _settle()
    assert (_said(), _last_title()) == (["Create"], "Second words")


def test_a_picture_that_another_editor_changes_during_a_quiet_change_is_told(page: NewsPage) -> None:
    """Fails if ``keep_quiet`` does not look for wakes of other transactions."""
    image = make_image(description="A well")
    publish(page, lead_image=image)
    _settle()
    key = f"page:{page.pk}"
    with keep_quiet(key):
        NewsPage.objects.filter(pk=page.pk).update(place="Riga")
        Elsewhere(lambda: type(image).objects.filter(pk=image.pk).update(description="Two wells")).join()
    _settle()
    assert _said() == ["Create", "Update", "Update"]


def test_a_quiet_change_and_a_reconciler_do_not_wait_in_a_circle(page: NewsPage) -> None:
    """The reconciler leaves the page alone until the change is committed. Fails if it waits for the ledger's row."""
    Wake.objects.create(key=f"page:{page.pk}")
    with keep_quiet(f"page:{page.pk}"):
        NewsPage.objects.filter(pk=page.pk).update(summary="Second words")
        Elsewhere(_settle_once).join()
    _settle()
    assert _said() == ["Create"]


def _settle_once() -> None:
    reconcile.drain(timezone.now())
