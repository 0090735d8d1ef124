"""“Sending in 60 s · Undo”: the line that says so, and what its buttons do. It works without JavaScript; with it the
seconds are counted."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.models import Revision

from cms import sending
from cms.keys import find_number
from cms.scope import explorable_pages

MOST = 200


def say_sending(request: HttpRequest, revisions: Iterable[Revision], *, may_hurry: bool = False) -> None:
    """Nothing where nothing waits. ``may_hurry`` adds “Send now”."""
    waiting = list(revisions)
    if waiting:
        context = {
            "revisions": waiting,
            "title": waiting[0].object_str,
            "seconds": max(map(sending.seconds_left, waiting)),
            "may_hurry": may_hurry,
            "state_url": f"{reverse('cms_sending')}?{'&'.join(f'id={revision.pk}' for revision in waiting)}",
        }
        text = render_to_string("cms/admin/sending.html", context, request=request)
        messages.success(request, text)


@require_safe
def state(request: HttpRequest) -> JsonResponse:
    """``seconds`` until the last of them goes out, ``waiting`` how many are still to go, ``sent`` how many went."""
    revisions = _asked(request, request.GET.getlist("id"))
    waiting = [revision for revision in revisions if sending.is_waiting(revision)]
    sent = [revision for revision in revisions if revision.content_object.live_revision_id == revision.pk]
    seconds = max(map(sending.seconds_left, waiting), default=0)
    return JsonResponse({"seconds": seconds, "waiting": len(waiting), "sent": len(sent)})


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    revisions = _asked(request, request.POST.getlist("id"))
    undone = sending.undo(revisions, request.user)
    if undone:
        text = ngettext(
            "Taken back: nothing was sent. What you wrote is kept as a draft.",
            "Taken back: nothing was sent. What you wrote is kept as drafts.",
            undone,
        )
        messages.success(request, text)
    if late := len(revisions) - undone:
        text = ngettext("It was out already.", "%(count)d were out already.", late)
        messages.warning(request, text % {"count": late})
    return _back(request, revisions)


@require_POST
def send_now(request: HttpRequest) -> HttpResponse:
    revisions = _asked(request, request.POST.getlist("id"))
    for revision in revisions:
        sending.send_now(revision, request.user)
    messages.success(request, _("Sent."))
    return _back(request, revisions)


def _asked(request: HttpRequest, numbers: list[str]) -> list[Revision]:
    """The versions with these numbers, of the user's own pages; 404 for all others, as if there were none."""
    wanted = {number for number in map(find_number, numbers[:MOST]) if number is not None}
    own = {str(pk) for pk in explorable_pages(request.user).values_list("pk", flat=True)} if wanted else set()
    found = [revision for revision in Revision.page_revisions.filter(pk__in=wanted) if revision.object_id in own]
    if not found or len(found) < len(wanted):
        raise Http404
    if request.method == "POST":
        for revision in found:
            if not sending.may_undo(revision.content_object, revision, request.user):
                raise PermissionDenied
    return found


def _back(request: HttpRequest, revisions: list[Revision]) -> HttpResponse:
    """To the page, of which the draft is; of several, to where the button was."""
    if len(revisions) == 1:
        return redirect("wagtailadmin_pages:edit", revisions[0].object_id)
    came_from = request.headers.get("referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    return redirect(came_from if is_ours else "wagtailadmin_home")


urlpatterns: list[URLPattern] = [
    path("sending/", state, name="cms_sending"),
    path("sending/undo/", undo, name="cms_undo_sending"),
    path("sending/now/", send_now, name="cms_send_now"),
]
