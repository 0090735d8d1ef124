"""Pages appear and disappear by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import timezone
from wagtail.models import Page, PageLogEntry, Revision
from wagtail.signals import page_published

from cms import jobs
from cms.models import NewsPage
from cms.scheduling import Done, run_due_pages
from cms.visibility import stands
from cms.wagtail_hooks import hide_page
from tests.factories.cms_pages import make_news

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def _scheduled(page: NewsPage) -> NewsPage:
    """A page that should have appeared an hour ago."""
    page.go_live_at = timezone.now() + HOUR
    page.save_revision().publish()
    page.revisions.update(approved_go_live_at=timezone.now() - HOUR)
    revision = page.revisions.get()
    revision.content["go_live_at"] = (timezone.now() - HOUR).isoformat()
    revision.save()
    return page


def _overdue(**fields: Any) -> NewsPage:
    page = make_news(**fields)
    NewsPage.objects.filter(pk=page.pk).update(expire_at=timezone.now() - HOUR)
    return page


def test_a_page_that_is_due_is_published() -> None:
    page = _scheduled(make_news(live=False))
    assert run_due_pages(timezone.now()) == Done(expired=0, published=1, failed=0)
    assert NewsPage.objects.get(pk=page.pk).live


def test_a_page_whose_time_is_over_is_unpublished() -> None:
    page = _overdue()
    assert run_due_pages(timezone.now()) == Done(expired=1, published=0, failed=0)
    page.refresh_from_db()
    assert (page.live, page.expired) == (False, True)


def test_an_old_draft_that_is_given_a_date_hides_nothing_until_then() -> None:
    """Fails if what the draft says of the live version is believed: it was written when there was none."""
    page = make_news(live=False)
    draft = page.save_revision()
    NewsPage.objects.get(pk=page.pk).save_revision().publish()
    later = Revision.objects.get(pk=draft.pk).as_object()
    later.go_live_at = timezone.now() + HOUR
    later.save_revision().publish()
    assert NewsPage.objects.get(pk=page.pk).live


def test_nothing_happens_before_its_time() -> None:
    make_news(expire_at=timezone.now() + HOUR)
    assert run_due_pages(timezone.now()) == Done(0, 0, 0)


def test_a_second_run_finds_nothing_to_do() -> None:
    _overdue()
    run_due_pages(timezone.now())
    assert run_due_pages(timezone.now()) == Done(0, 0, 0)


def test_the_log_says_that_the_clock_did_it() -> None:
    page = _overdue()
    run_due_pages(timezone.now())
    assert PageLogEntry.objects.filter(page=page.pk, action="wagtail.unpublish.scheduled").exists()


def test_each_page_changes_in_a_transaction_of_its_own() -> None:
    inside: list[bool] = []

    def look(**_: Any) -> None:
        inside.append(connection.in_atomic_block)

    _scheduled(make_news(live=False))
    page_published.connect(look)
    try:
        run_due_pages(timezone.now())
    finally:
        page_published.disconnect(look)
    assert inside == [True]


def test_one_page_that_cannot_be_published_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    broken, good = (_scheduled(make_news(live=False)) for _ in range(2))
    revision = broken.revisions.get()
    revision.approved_go_live_at = timezone.now() - 2 * HOUR
    revision.content["body"] = "{"
    revision.content["slug"] = good.get_parent().slug + "/" * 300
    revision.save()
    done = run_due_pages(timezone.now())
    assert (done.published, done.failed) == (1, 1)
    assert NewsPage.objects.get(pk=good.pk).live
    assert "could not be changed" in caplog.text


def test_an_expired_page_is_gone_before_the_clock_job_ran(client: Client) -> None:
    page = _overdue()
    assert Page.objects.get(pk=page.pk).live
    assert client.get(page.url).status_code == 404


def test_a_page_whose_time_is_not_over_is_served_as_ever() -> None:
    page = make_news(expire_at=timezone.now() + HOUR)
    assert hide_page(page, RequestFactory().get(page.url), (), {}) is None


def test_a_page_ends_exactly_when_its_editor_said() -> None:
    now = timezone.now()
    page = make_news(expire_at=now)
    assert [stands(page, now - timedelta(microseconds=1)), stands(page, now)] == [True, False]
    with pytest.raises(Http404):
        hide_page(page, None, (), {})  # type: ignore[arg-type]


def test_the_worker_looks_each_minute() -> None:
    page = _overdue()
    jobs.due_pages(timestamp=0)
    assert not NewsPage.objects.get(pk=page.pk).live


def test_the_worker_clears_sessions_that_ended() -> None:
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - HOUR)
    jobs.clear_sessions(timestamp=0)
    assert not Session.objects.exists()


def test_the_jobs_are_known_to_the_queue_by_name_and_time() -> None:
    registry = jobs.app.periodic_registry.periodic_tasks
    ours = {name: task.cron for (name, _), task in registry.items() if name.startswith("cms.")}
    assert ours == {
        "cms.due_pages": "* * * * *",
        "cms.clear_sessions": "23 3 * * *",
        "cms.mail_at_once": "* * * * *",
        "cms.digests": "*/10 * * * *",
        "cms.forget": "33 3 * * *",
    }
