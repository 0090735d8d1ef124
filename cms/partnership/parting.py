"""“Partner leaves” and “Partner comes back”, with what each does said before."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView
from wagtail.admin import messages

from .forms import HIDE, LeaveForm, ReturnForm
from .leaving import Consequences, come_back, consequences, departure_of, leave
from .scopes import CoordinatorsOnly, OfPartner


class LeaveView(CoordinatorsOnly, OfPartner, FormView):
    form_class = LeaveForm
    page_title = _("Partner leaves")
    template_name = "cms/admin/partners/leave.html"

    @cached_property
    def consequences(self) -> Consequences:
        return consequences(self.partner)

    def get_form_kwargs(self) -> dict[str, Any]:
        numbers = {"pages": self.consequences.pages, "shared": self.consequences.shared}
        return {**super().get_form_kwargs(), **numbers}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(consequences=self.consequences, **kwargs)

    def form_valid(self, form: LeaveForm) -> HttpResponse:
        leave(self.partner, self.request.user, timezone.now(), hide=form.cleaned_data["content"] == HIDE)
        text = _t("“%(name)s” has left. Nothing was deleted.") % {"name": self.partner.title}
        messages.success(self.request, text)
        return redirect(self.address)


class ReturnView(CoordinatorsOnly, OfPartner, FormView):
    form_class = ReturnForm
    page_title = _("Partner comes back")
    template_name = "cms/admin/partners/return.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.departure = departure_of(self.partner)
        if self.coordinates and self.departure is None:
            return redirect(self.address)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "departure": self.departure}

    def form_valid(self, form: ReturnForm) -> HttpResponse:
        come_back(self.partner, form.cleaned_data["people"], self.request.user, timezone.now())
        messages.success(self.request, _t("“%(name)s” is a partner again.") % {"name": self.partner.title})
        return redirect(self.address)
