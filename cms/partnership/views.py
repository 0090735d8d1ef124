"""What coordinators do with partners in the admin. Whoever may not, gets a 404, as for every page of others."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.addresses import page_address
from cms.handles import free_handle, problem_with
from cms.models import InvitationState, OrganisationPage

from .forms import LIVE, PartnerForm
from .invitations import open_invitations
from .inviting import send_and_tell
from .leaving import departure_of
from .making import make_partner
from .scopes import CoordinatorsOnly, OfPartner
from .who import state_of

# Of an organisation that does not exist yet: nobody holds a handle in this name.
NOBODY = "organisation:new"


class PartnerView(OfPartner, TemplateView):
    """Who works for the organisation, and how it stands with it."""

    template_name = "cms/admin/partners/partner.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = self.partner.editors.user_set.order_by("last_name", "username") if self.partner.editors else []
        rows = open_invitations(self.partner).select_related("invited_by").order_by("created", "pk")
        now, departure = timezone.now(), departure_of(self.partner)
        return super().get_context_data(
            people=people,
            state=state_of(self.partner, away=departure is not None),
            departure=departure,
            public_address=page_address(self.partner),
            invitations=[(row, row.state(now) is InvitationState.EXPIRED) for row in rows],
            **kwargs,
        )


class MakeView(CoordinatorsOnly, WagtailAdminTemplateMixin, FormView):
    form_class = PartnerForm
    page_title = _("New partner")
    header_icon = "group"
    template_name = "cms/admin/partners/make.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("partners:index"), "label": _t("Partners")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.page_title}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": OrganisationPage(), "for_user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        labels = {"submit_button_label": _("Make partner"), "submit_button_active_label": _("Making …")}
        return context | labels | {"media": context["form"].media, "check_url": reverse("partners:handle")}

    def form_valid(self, form: PartnerForm) -> HttpResponse:
        live, emails = form.cleaned_data["start"] == LIVE, form.cleaned_data["emails"]
        try:
            page, issued = make_partner(form.instance, self.request.user, timezone.now(), live=live, emails=emails)
        except ValidationError as error:  # the handle, or the address of the page, was taken a moment ago
            form.add_error(None, error if not hasattr(error, "error_dict") else error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _t("“%(name)s” is a partner now.") % {"name": page.title})
        send_and_tell(self.request, issued)
        return redirect("partners:page", page.pk)


class HandleView(CoordinatorsOnly):
    """Answers while somebody types: a handle made from the name, or what is wrong with the one that was typed."""

    def get(self, request: HttpRequest) -> JsonResponse:
        handle = request.GET.get("handle", "").strip()
        if not handle:
            return JsonResponse({"handle": free_handle(request.GET.get("name", ""), NOBODY), "problem": ""})
        return JsonResponse({"handle": handle, "problem": problem_with(handle, NOBODY) or ""})
