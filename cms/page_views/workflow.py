"""Approving without opening the editor: the version that would be published is looked at first."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from wagtail.admin.views.pages.workflow import WorkflowActionView

from cms import sending
from cms.checks.gather import gather
from cms.checks.memory import remember, remembers
from cms.checks.verdict import judge

from .said import Again, say
from .sending import say_sending

_SEEN = "seen"


class OurWorkflowActionView(WorkflowActionView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.action_name == "approve":
            verdict = judge(gather(self.object.specific.get_latest_revision_as_object()))
            seen = request.POST.get(_SEEN) == verdict.content or remembers(self.object, request.user, verdict)
            if verdict.errors or (verdict.warnings and not seen):
                comment = (("comment", request.POST.get("comment", "")),)
                say(request, verdict, Again(_SEEN, comment, url=self.get_submit_url(), approves=True))
                return self._to_the_editor(request)
            remember(self.object, request.user, verdict)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        say_sending(request, filter(None, [sending.find_waiting(self.object)]))
        return answer

    def _to_the_editor(self, request: HttpRequest) -> HttpResponse:
        url = reverse("wagtailadmin_pages:edit", args=[self.object.pk])
        if request.headers.get("x-requested-with") == "XMLHttpRequest":
            answer: HttpResponse = self.render_modal_json(request, {"step": "success", "redirect": url})
            return answer
        return redirect(url)
