"""Invitations in the admin: for coordinators, and for an organisation's own editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import FormView
from wagtail.admin import messages

from cms.limits import Limit, seconds_to_wait
from cms.models import Invitation

from .forms import InviteForm
from .invitations import Issued, NotInvited, PartnerAway, invite, open_invitations, renew, withdraw
from .letters import send
from .scopes import OfPartner

# An account that somebody took over must not become a machine for mails.
BY_ONE_PERSON = Limit("invite", most=60, seconds=3600)


def send_and_tell(request: HttpRequest, issued: Sequence[Issued]) -> None:
    """To be called after the commit."""
    if not issued:
        return
    failed = send(issued)
    sent = len(issued) - failed
    if sent:
        text = ngettext("%d invitation was sent.", "%d invitations were sent.", sent) % sent
        messages.success(request, text)
    if failed:
        text = ngettext(
            "%d invitation could not be sent. It is kept below; please send it again later.",
            "%d invitations could not be sent. They are kept below; please send them again later.",
            failed,
        )
        messages.error(request, text % failed)


def _too_many(request: HttpRequest, count: int = 1) -> bool:
    now, user = timezone.now(), str(request.user.pk)
    if sum(seconds_to_wait(BY_ONE_PERSON, user, now) for _each in range(count)) == 0:  # all count, so no any()
        return False
    messages.error(request, _t("These are very many invitations within an hour. Please go on later."))
    return True


class InviteView(OfPartner, FormView):
    form_class = InviteForm
    page_title = _("Invite")
    header_icon = "mail"
    template_name = "cms/admin/partners/invite.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        labels = {"submit_button_label": _("Send invitations"), "submit_button_active_label": _("Sending …")}
        return super().get_context_data(**kwargs) | labels

    def form_valid(self, form: InviteForm) -> HttpResponse:
        emails = form.cleaned_data["emails"]
        if _too_many(self.request, len(emails)):
            return redirect(self.address)
        try:
            issued = invite(self.partner, emails, self.request.user, timezone.now())
        except PartnerAway:
            messages.error(self.request, _t("This partner has left. Nobody can be invited until it comes back."))
            return redirect(self.address)
        send_and_tell(self.request, issued)
        return redirect(self.address)


class _OneInvitation(OfPartner):
    """A button beside an invitation."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, invitation_id: int, **kwargs: Any) -> HttpResponseBase:
        row = get_object_or_404(open_invitations(self.partner), pk=invitation_id)
        try:
            return self.act(row) or redirect(self.address)
        except NotInvited:
            messages.error(request, _t("This invitation was accepted or withdrawn in the meantime."))
        except PartnerAway:
            messages.error(request, _t("This partner has left. Nobody can be invited until it comes back."))
        return redirect(self.address)

    def act(self, row: Invitation) -> HttpResponse | None:
        raise NotImplementedError


class WithdrawView(_OneInvitation):
    def act(self, row: Invitation) -> None:
        withdraw(Invitation.objects.filter(pk=row.pk), self.request.user, timezone.now())
        messages.success(self.request, _t("The invitation was withdrawn. Its link does not work any more."))


class SendAgainView(_OneInvitation):
    def act(self, row: Invitation) -> None:
        if not _too_many(self.request):
            send_and_tell(self.request, [renew(row, self.request.user, timezone.now())])


class LinkView(_OneInvitation):
    """Shows a new link, once, to be handed over in another way. For coordinators only: what the link answers may tell
    whether somebody has an account here, and an editor's own mailbox is no business of the network."""

    page_title = _("Link of an invitation")
    template_name = "cms/admin/partners/link.html"

    def act(self, row: Invitation) -> HttpResponse | None:
        if not self.coordinates:
            raise Http404
        issued = renew(row, self.request.user, timezone.now())
        response = TemplateResponse(self.request, self.template_name, self.get_context_data(issued=issued))
        add_never_cache_headers(response)
        return response
