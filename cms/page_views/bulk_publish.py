"""Publishing many pages at once: what lacks something stays behind and is listed, the others go. The confirmation is
where warnings are read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.functional import cached_property
from wagtail.admin.views.pages.bulk_actions import PublishBulkAction
from wagtail.models import Page

from cms import sending
from cms.checks.gather import gather
from cms.checks.memory import remember
from cms.checks.verdict import Verdict, judge

from .sending import say_sending


@dataclass(frozen=True, slots=True)
class Judged:
    """A page with what was found in the version that would be published."""

    item: Page
    verdict: Verdict


class CheckedPublish(PublishBulkAction):
    template_name = "cms/admin/confirm_bulk_publish.html"

    def get_actionable_objects(self) -> tuple[list[Any], dict[str, Any]]:
        objects, others = super().get_actionable_objects()
        self._chosen = objects
        kept = {judged.item.pk for judged in self._judged if judged.verdict.errors}
        return [page for page in objects if page.pk not in kept], others

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        everything = [*self._judged, *self._judged_below]
        context["kept_back"] = [judged for judged in everything if judged.verdict.errors]
        context["with_warnings"] = [
            judged for judged in everything if judged.verdict.warnings and not judged.verdict.errors
        ]
        return context

    def get_execution_context(self) -> dict[str, Any]:
        context: dict[str, Any] = super().get_execution_context()
        below = self._judged_below if context["include_descendants"] else []
        return {**context, "below": [judged.item for judged in below if not judged.verdict.errors]}

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        below = self._judged_below if form.cleaned_data["include_descendants"] else []
        for judged in [*self._judged, *below]:
            if not judged.verdict.errors:
                remember(judged.item, self.request.user, judged.verdict)
        waiting = [sending.find_waiting(judged.item) for judged in [*self._judged, *below]]
        say_sending(self.request, filter(None, waiting))
        return answer

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str | None:
        """Only of those that are out: of the others, the line with “Undo” tells."""
        below = self._judged_below if self.cleaned_form.cleaned_data["include_descendants"] else []
        counts = [
            sum(1 for judged in found if not judged.verdict.errors and sending.find_waiting(judged.item) is None)
            for found in (self._judged, below)
        ]
        text: str | None = super().get_success_message(*counts) if any(counts) else None
        return text

    @classmethod
    def execute_action(cls, objects: Any, include_descendants: bool = False, **kwargs: Any) -> tuple[int, int]:
        """Wagtail's own would publish everything below unseen, so it is given those pages like the chosen ones."""
        below = kwargs.pop("below", [])
        chosen, _none = super().execute_action(objects, include_descendants=False, **kwargs)
        others, _none = super().execute_action(below, include_descendants=False, **kwargs)
        return chosen, others

    @cached_property
    def _judged(self) -> list[Judged]:
        return [_judge(page) for page in self._chosen]

    @cached_property
    def _judged_below(self) -> list[Judged]:
        chosen = {page.pk for page in self._chosen}
        found = {page.pk: page for page in self._drafts_below() if page.pk not in chosen}
        return [_judge(page) for page in found.values()]

    def _drafts_below(self) -> Iterator[Page]:
        for page in self._chosen:
            for draft in page.get_descendants().not_live().specific():
                if draft.permissions_for_user(self.request.user).can_publish():
                    yield draft


def _judge(page: Page) -> Judged:
    return Judged(page, judge(gather(page.specific.get_latest_revision_as_object())))
