"""“Waiting for approval”: what was held back because more than usual was about to go out, and the button that lets it
go. Whoever may change an organisation's pages may do so for that organisation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permissions import policy_registry

from federation.actors.local import find_by_key
from federation.models import LedgerEntry
from federation.outbox.release import release

from .listing import OwnIndexView, ReadOnlyViewSet

TITLE = _("Waiting for approval")


def visible_waiting(user: Any) -> Any:
    """The entries that wait and that this user may let go."""
    policy: Any = policy_registry.get_by_type(LedgerEntry)
    return policy.visible_to(user).filter(waiting_since__isnull=False)


class WaitingIndexView(OwnIndexView):
    page_title = TITLE
    no_results_message = _("Nothing waits. It happens when much more than usual is about to go out within an hour.")

    def get_base_queryset(self) -> Any:
        return visible_waiting(self.request.user)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not self.get_base_queryset().exists():
            return []
        return [HeaderButton(_("Send all of these …"), url=reverse("waiting:release"), icon_name="check")]


class ReleaseView(WagtailAdminTemplateMixin, TemplateView):
    """Asks once more, then lets go what was shown."""

    page_title = _("Send")
    header_icon = "check"
    template_name = "federation/admin/release.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("waiting:index"), "label": TITLE}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = visible_waiting(self.request.user).order_by("waiting_since")
        return super().get_context_data(waiting=waiting, back=reverse("waiting:index"), **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        chosen = visible_waiting(request.user).filter(pk__in=request.POST.getlist("key"))
        count = release(list(chosen.values_list("pk", flat=True)))
        text = ngettext("%d publication is being sent.", "%d publications are being sent.", count) % count
        messages.success(request, text)
        return redirect("waiting:index")


def _handle(entry: LedgerEntry) -> str:
    actor = find_by_key(entry.waiting_publisher)
    return str(actor) if actor else "–"


def _what(entry: LedgerEntry) -> str:
    if entry.boost_at is not None:
        return str(_("boost"))
    return str(_("change") if entry.current_id else _("new post"))


class WaitingViewSet(ReadOnlyViewSet):
    model = LedgerEntry
    name = "waiting"
    owners = ("waiting_publisher",)
    icon = "history"
    menu_label = TITLE
    inspect_view_enabled = False
    index_view_class = WaitingIndexView
    list_display = [
        Column("waiting_title", label=_("Page"), sort_key="waiting_title"),
        Column("publisher", label=_("Organisation"), accessor=_handle),
        Column("what", label=_("What"), accessor=_what),
        DateColumn("waiting_since", label=_("Since"), sort_key="waiting_since"),
    ]
    ordering = ["waiting_since"]
    list_export = ["waiting_title", "waiting_since"]
    export_headings = {"waiting_title": _("Page"), "waiting_since": _("Since")}

    def get_urlpatterns(self) -> list[URLPattern]:
        return [*super().get_urlpatterns(), path("release/", ReleaseView.as_view(), name="release")]
