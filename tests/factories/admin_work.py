"""What editors do with the mouse, as the requests that their browser sends to the admin."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.test import Client
from django.urls import reverse
from wagtail.models import Page, WorkflowState
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from tests.factories.cms_people import make_admin

FIELDS = ("title", "slug", "summary", "published_on", "place", "lead_caption")
INTENT = ("form", "showing", "content_note", "quotes", "replies", "audience")
ROWS = ("attachments", "credits", "related_pages", "corrections", "comments")
Capture = Callable[..., AbstractContextManager[Any]]


class Editor:
    """``commits`` runs what waits for the end of a request: pytest-django's ``django_capture_on_commit_callbacks``."""

    def __init__(self, commits: Capture) -> None:
        self._client, self._commits = Client(), commits
        self._client.force_login(make_admin())

    def publishes(self, page: Page, **changes: Any) -> None:
        self._edits(page, "publish", changes)

    def saves(self, page: Page, **changes: Any) -> None:
        self._edits(page, "", changes)

    def submits(self, page: Page, **changes: Any) -> None:
        self._edits(page, "submit", changes)

    def approves(self, page: Page) -> None:
        task = WorkflowState.objects.get(object_id=page.pk, status="in_progress").current_task_state
        self._posts(reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", task.pk]))

    def reverts(self, page: Page, revision: Any) -> None:
        """Opens the old revision in the form and publishes what stands there."""
        url = reverse("wagtailadmin_pages:revisions_revert", args=[page.pk, revision.pk])
        self._posts(url, filled_in(revision.as_object(), "publish", {}))

    def reschedules(self, page: Page, **dates: Any) -> None:
        """Wagtail locks what is scheduled: the editor takes the first date back, then gives another."""
        args = [page.pk, Page.objects.get(pk=page.pk).scheduled_revision.pk]
        self._posts(reverse("wagtailadmin_pages:revisions_unschedule", args=args))
        self.publishes(page, **dates)

    def unpublishes(self, page: Page, *, deep: bool = False) -> None:
        data = {"include_descendants": "on"} if deep else {}
        self._posts(reverse("wagtailadmin_pages:unpublish", args=[page.pk]), data)

    def moves(self, page: Page, under: Page) -> None:
        self._posts(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, under.pk]))

    def copies(self, page: Page, under: Page, **options: str) -> Page:
        data = {"new_title": page.title, "new_slug": f"{page.slug}-again", "new_parent_page": under.pk, **options}
        self._posts(reverse("wagtailadmin_pages:copy", args=[page.pk]), data)
        return Page.objects.get(slug=data["new_slug"])

    def makes_an_alias(self, page: Page, under: Page) -> Page:
        return self.copies(page, under, alias="on")

    def converts(self, alias: Page) -> None:
        self._posts(reverse("wagtailadmin_pages:convert_alias", args=[alias.pk]))

    def deletes(self, page: Page) -> None:
        self._posts(reverse("wagtailadmin_pages:delete", args=[page.pk]))

    def restricts(self, page: Page) -> None:
        self._privacy(page, "login")

    def opens(self, page: Page) -> None:
        self._privacy(page, "none")

    def in_bulk(self, action: str, *pages: Page, **data: Any) -> None:
        ids = "&".join(f"id={page.pk}" for page in pages)
        self._posts(f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', action])}?{ids}", data)

    def _privacy(self, page: Page, kind: str) -> None:
        data = {"restriction_type": kind, "password": "", "groups": []}
        self._posts(reverse("wagtailadmin_pages:set_privacy", args=[page.pk]), data, done=200)

    def _edits(self, page: Any, action: str, changes: dict[str, Any]) -> None:
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        self._posts(url, filled_in(page.get_latest_revision_as_object(), action, changes))

    def _posts(self, url: str, data: dict[str, Any] | None = None, done: int = 302) -> None:
        with self._commits(execute=True):
            answer = self._client.post(url, data or {})
        if answer.status_code != done:
            form = answer.context and answer.context.get("form")
            raise AssertionError((url, answer.status_code, form and form.errors))


def filled_in(page: Any, action: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The form of a page without pictures and rows, as it comes from the server and with ``changes``."""
    dates = {name: getattr(page, name) for name in ("go_live_at", "expire_at")}
    data: dict[str, Any] = (
        {name: getattr(page, name) for name in FIELDS + INTENT} | {"share": page.share} | dates | changes
    )
    data = {name: f"{value:%Y-%m-%d %H:%M}" if name in dates and value else value for name, value in data.items()}
    data |= {"body": streamfield([]), **{name: inline_formset([]) for name in ROWS}}
    kept = {name: value for name, value in data.items() if value is not None and value is not False}
    return nested_form_data(kept | ({f"action-{action}": "1"} if action else {}))
