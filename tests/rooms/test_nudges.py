"""After an editor's action a worker looks at once; when that cannot be arranged, the action succeeds all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from federation.models import Wake
from federation.queue import RECONCILE, nudge
from tests.factories.cms_pages import make_news, make_private, make_section, publish

pytestmark = pytest.mark.django_db

ACTIONS: dict[str, Callable[[Any], Any]] = {
    "publish": lambda page: publish(page, title="Anew"),
    "unpublish": lambda page: page.unpublish(),
    "move": lambda page: page.move(make_section(), pos="last-child"),
    "restrict": make_private,
    "delete": lambda page: page.delete(),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_editors_action_asks_a_worker_to_look(name: str, django_capture_on_commit_callbacks: Any) -> None:
    page = make_news()
    ProcrastinateJob.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        ACTIONS[name](page)
    assert ProcrastinateJob.objects.filter(task_name=RECONCILE, status="todo").count() == 1


def test_a_worker_that_is_called_already_costs_one_question(
    django_capture_on_commit_callbacks: Any, django_assert_num_queries: Any
) -> None:
    """Under load nearly every message finds one called; a refused insert would cost three round trips and a line in the
    database's log. Fails if ``_defer`` inserts without looking."""
    with django_capture_on_commit_callbacks(execute=True):
        nudge(RECONCILE)
    with django_assert_num_queries(1), django_capture_on_commit_callbacks(execute=True):
        nudge(RECONCILE)
    assert ProcrastinateJob.objects.filter(task_name=RECONCILE, status="todo").count() == 1


def test_a_worker_that_is_busy_already_is_called_again(django_capture_on_commit_callbacks: Any) -> None:
    """It may have looked before we wrote. Fails if the question counts jobs that have begun."""
    with django_capture_on_commit_callbacks(execute=True):
        nudge(RECONCILE)
    ProcrastinateJob.objects.filter(task_name=RECONCILE).update(status="doing")
    with django_capture_on_commit_callbacks(execute=True):
        nudge(RECONCILE)
    assert ProcrastinateJob.objects.filter(task_name=RECONCILE, status="todo").count() == 1


def test_a_queue_that_fails_does_not_spoil_publishing(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    page = make_news(live=False)
    Wake.objects.all().delete()

    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionError("the queue is away")

    monkeypatch.setattr(app, "configure_task", fail)
    with django_capture_on_commit_callbacks(execute=True):
        assert publish(page).live
    assert Wake.objects.filter(key=f"page:{page.pk}").exists()
