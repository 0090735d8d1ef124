"""The page editor says what was found, instead of “validation errors”, and what it sends can be taken back for a
moment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.revisions import RevisionsRevertView
from wagtail.models import Page

from cms import sending
from cms.checks.memory import remember
from cms.forms import PUBLISHING

from .said import Again, say
from .sending import say_sending

FORM = "page-edit-form"  # what Wagtail's templates call the form
# What Wagtail's script sends beside the button: what is done, and what the approver wrote.
_OF_APPROVING = ("workflow-action-name", "workflow-action-extra-data")


class _Ours:
    """For views of Wagtail's that end a form with ``form_valid`` or ``form_invalid``."""

    request: Any
    save_action: Any
    run_hook: Any
    form: Any
    page: Any
    parent_page: Page | None = None  # of a page that is being made
    locked_for_user = False
    errors_debug: str | None = None
    has_unsaved_changes = False
    is_waiting = False

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        remember(self.page, self.request.user, form.verdict)
        return answer

    def form_invalid(self, form: Any) -> HttpResponse:
        if not form.verdict or self.locked_for_user:
            answer: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
            return answer
        say(self.request, form.verdict, _once_more(self.request))
        self.has_unsaved_changes = True
        return self.render_to_response(self.get_context_data())  # type: ignore[attr-defined]

    def publish_action(self) -> HttpResponse:
        """What others get is kept as a draft, and that version waits for its moment."""
        if not sending.waits(self.form.instance, timezone.now(), self.parent_page):
            answer: HttpResponse = super().publish_action()  # type: ignore[misc]
            return answer
        self.is_waiting = True
        # A version that autosave made may be written over by another window, and nobody would see what goes out.
        posted = self.request.POST.copy()
        posted.pop("overwrite_revision_id", None)
        self.request.POST = posted
        kept: HttpResponse = self.save_action()
        stopped: HttpResponse | None = self.run_hook("before_publish_page", self.request, self.page)
        if stopped:
            return stopped
        revision = self.page.latest_revision
        sending.postpone(revision, self.request.user, timezone.now())
        say_sending(self.request, [revision])
        return kept

    def redirect_and_remain(self) -> HttpResponse:
        """After publishing, Wagtail leads away from the form; after saving a draft, it does not."""
        leave = self.redirect_away if self.is_waiting else super().redirect_and_remain  # type: ignore[attr-defined,misc]
        answer: HttpResponse = leave()
        return answer


class OurCreateView(_Ours, CreateView):
    template_name = "cms/admin/create_page.html"


class OurEditView(_Ours, EditView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if sending.is_shareable(self.page) and (waiting := sending.find_waiting(self.page)):
            may_undo = sending.may_undo(self.page, waiting, request.user)
            say_sending(request, [waiting] if may_undo else [], may_hurry=True)
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer

    def get_template_names(self) -> list[str]:
        names: list[str] = super().get_template_names()
        return ["cms/admin/edit_page.html" if name == "wagtailadmin/pages/edit.html" else name for name in names]

    def add_save_confirmation_message(self) -> None:
        if not self.is_waiting:
            super().add_save_confirmation_message()

    def perform_workflow_action(self) -> HttpResponse:
        answer: HttpResponse = super().perform_workflow_action()
        say_sending(self.request, filter(None, [sending.find_waiting(self.page)]))
        return answer


class OurRevertView(OurEditView, RevisionsRevertView):
    pass


def _once_more(request: HttpRequest) -> Again:
    button = next(name for name in PUBLISHING if name in request.POST)
    beside = tuple((name, request.POST[name]) for name in _OF_APPROVING if name in request.POST)
    return Again(button, beside, form=FORM, approves=button == "action-workflow-action")
