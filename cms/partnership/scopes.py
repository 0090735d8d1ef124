"""What the views of partners have in common: whoever may not use one gets a 404, as for every page of others."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.generic import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from .who import is_coordinator, partners_of


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
