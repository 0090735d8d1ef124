"""What coordinators do with partners in the admin. Whoever may not, gets a 404, as for every page of others."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.handles import free_handle, problem_with
from cms.models import OrganisationPage

from .forms import LIVE, PartnerForm
from .making import make_partner
from .who import is_coordinator, partners_of, state_of

# Of an organisation that does not exist yet: nobody holds a handle in this name.
NOBODY = "organisation:new"


class CoordinatorsOnly(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_coordinator(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class OfPartner(WagtailAdminTemplateMixin, View):
    """Views of one organisation: those of others do not exist for the user."""

    header_icon = "group"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.partner = get_object_or_404(partners_of(request.user), pk=kwargs["page_id"])
        self.coordinates = is_coordinator(request.user)

    def get_page_subtitle(self) -> str:
        return str(self.partner.title)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = [*self.breadcrumbs_items]
        if self.coordinates:
            items.append({"url": reverse("partners:index"), "label": _t("Partners")})
        items.append({"url": self.address, "label": self.partner.title})
        return [*items, {"url": "", "label": self.page_title}] if self.page_title else items

    @property
    def address(self) -> str:
        return reverse("partners:page", args=[self.partner.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(partner=self.partner, coordinates=self.coordinates, back=self.address, **kwargs)


class PartnerView(OfPartner, TemplateView):
    """Who works for the organisation, and how it stands with it."""

    template_name = "cms/admin/partners/partner.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = self.partner.editors.user_set.order_by("last_name", "username") if self.partner.editors else []
        return super().get_context_data(people=people, state=state_of(self.partner), **kwargs)


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
        try:
            page = make_partner(form.instance, self.request.user, live=form.cleaned_data["start"] == LIVE)
        except ValidationError as error:  # the handle, or the address of the page, was taken a moment ago
            form.add_error(None, error if not hasattr(error, "error_dict") else error.messages)
            return self.form_invalid(form)
        messages.success(self.request, _t("“%(name)s” is a partner now.") % {"name": page.title})
        return redirect("partners:page", page.pk)


class HandleView(CoordinatorsOnly):
    """Answers while somebody types: a handle made from the name, or what is wrong with the one that was typed."""

    def get(self, request: HttpRequest) -> JsonResponse:
        handle = request.GET.get("handle", "").strip()
        if not handle:
            return JsonResponse({"handle": free_handle(request.GET.get("name", ""), NOBODY), "problem": ""})
        return JsonResponse({"handle": handle, "problem": problem_with(handle, NOBODY) or ""})
