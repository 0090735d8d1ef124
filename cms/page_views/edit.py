"""The page editor says what was found, instead of “validation errors”."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.revisions import RevisionsRevertView
from wagtail.models import Page

from cms.checks.memory import remember
from cms.forms import PUBLISHING

from .said import Again, say

FORM = "page-edit-form"  # what Wagtail's templates call the form
# What Wagtail's script sends beside the button: what is done, and what the approver wrote.
_OF_APPROVING = ("workflow-action-name", "workflow-action-extra-data")


class _Checked:
    """For views of Wagtail's that end an invalid form with ``form_invalid``."""

    request: HttpRequest
    page: Page
    locked_for_user = False
    errors_debug: str | None = None
    has_unsaved_changes = False

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        remember(self.page, self.request.user, form.verdict)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        if not form.verdict or self.locked_for_user:
            answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
            return answer
        say(self.request, form.verdict, form, _once_more(self.request))
        self.has_unsaved_changes = True
        return self.render_to_response(self.get_context_data())  # type: ignore[attr-defined]


class CheckedCreateView(_Checked, CreateView):
    pass


class CheckedEditView(_Checked, EditView):
    pass


class CheckedRevertView(_Checked, RevisionsRevertView):
    pass


def _once_more(request: HttpRequest) -> Again:
    button = next(name for name in PUBLISHING if name in request.POST)
    beside = tuple((name, request.POST[name]) for name in _OF_APPROVING if name in request.POST)
    return Again(button, beside, form=FORM, approves=button == "action-workflow-action")
