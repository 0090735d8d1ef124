"""Whoever lost app and recovery codes asks an administrator, who can turn two-factor login off for them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.utils import get_user_display_name
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.permissions import policy_registry

from cms.models import User

from . import letters
from .factors import find_factor, turn_off


def may_reset(administrator: Any, person: User) -> bool:
    """Whoever may change the account; of an administrator's only another one. Not the own: that takes a code."""
    if administrator.pk == person.pk or (person.is_superuser and not administrator.is_superuser):
        return False
    policy = policy_registry.get_by_type(User)
    return bool(policy.user_has_permission_for_instance(administrator, "change", person))


class ResetView(WagtailAdminTemplateMixin, TemplateView):
    page_title = _("Reset two-factor login")
    header_icon = "lock-open"
    template_name = "cms/two_factor/reset.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.person = get_object_or_404(User, pk=kwargs["user_id"])
        if not may_reset(request.user, self.person):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_page_subtitle(self) -> str:
        return str(get_user_display_name(self.person))

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("wagtailusers_users:index"), "label": _t("Users")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("wagtailusers_users:index")
        return super().get_context_data(person=self.person, factor=find_factor(self.person), back=back, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = get_user_display_name(self.person)
        if turn_off(self.person, by=request.user):
            letters.tell(self.person, letters.RESET)
            messages.success(request, _t("Two-factor login of “%(name)s” was reset.") % {"name": name})
        else:
            messages.warning(request, _t("“%(name)s” has no two-factor login.") % {"name": name})
        return redirect("wagtailusers_users:index")
