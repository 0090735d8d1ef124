"""“Delivery”: everything that was sent for the organisations of whoever looks, by state, organisation, server and page;
what is listed and did not arrive can be sent again."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from federation.models import Delivery
from federation.outbox.release import send_these_again

from .columns import NextColumn, RowColumn
from .delivery import TITLE, PageDeliveryView
from .listing import OwnIndexView, ReadOnlyViewSet, own_choices
from .policy import visible_to
from .words import shortened, words_of

NOT_ARRIVED = (Delivery.State.REFUSED, Delivery.State.EXPIRED)
MOST_SHOWN = 50


class DeliveryFilters(WagtailFilterSet):
    actor = django_filters.ModelChoiceFilter(
        label=_("Organisation"), field_name="activity__actor", queryset=own_choices
    )
    server = django_filters.CharFilter(label=_("Server"), field_name="peer", lookup_expr="origin__icontains")
    page = django_filters.CharFilter(label=_("Page"), field_name="activity__object", lookup_expr="title__icontains")

    class Meta:
        model = Delivery
        fields = ["state", "actor", "server", "page"]


class DeliveryIndexView(OwnIndexView):
    page_title = TITLE

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        asked = self.request.GET.urlencode()
        address = f"{reverse('deliveries:send_again')}?{asked}"
        return [HeaderButton(_("Send again …"), url=address, icon_name="resubmit")]


class SendAgainView(WagtailAdminTemplateMixin, TemplateView):
    """Asks once more, then sends what the list showed and did not arrive. The address has the list's filters."""

    page_title = _("Send again")
    header_icon = "resubmit"
    template_name = "federation/admin/send_again.html"

    def chosen(self) -> QuerySet[Delivery]:
        rows = visible_to(self.request.user, Delivery).filter(state__in=NOT_ARRIVED, peer__blocked=False)
        filters = DeliveryFilters(self.request.GET, queryset=rows, request=self.request)
        found: QuerySet[Delivery] = filters.qs if filters.is_valid() else rows.none()
        return found

    def back(self) -> str:
        return f"{reverse('deliveries:index')}?{self.request.GET.urlencode()}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": self.back(), "label": TITLE}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        count = self.chosen().count()
        rows = self.chosen().select_related("activity__object", "peer")
        rows = rows.defer("activity__body", "activity__object__document")
        context = {"shown": rows.order_by("-id")[:MOST_SHOWN], "count": count, "more": max(0, count - MOST_SHOWN)}
        return super().get_context_data(back=self.back(), **context, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        count = send_these_again(timezone.now(), list(self.chosen().values_list("pk", flat=True)))
        text = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", count)
        messages.success(request, text % {"count": count})
        return redirect(f"{reverse('deliveries:index')}?{urlencode({'state': 'waiting'})}")


def _page_url(row: Delivery) -> str | None:
    told = row.activity.object
    return reverse("deliveries:page", args=[told.key]) if told else None


class DeliveryViewSet(ReadOnlyViewSet):
    model = Delivery
    name = "deliveries"
    owners = ("activity__actor__key",)
    related = ("activity__actor", "activity__object", "peer")
    icon = "mail"
    menu_label = TITLE
    index_view_class = DeliveryIndexView
    filterset_class = DeliveryFilters
    list_display = [
        RowColumn("deliveries", label=_("What"), accessor="what"),
        TitleColumn(
            "page",
            label=_("Page"),
            accessor=lambda d: d.activity.object.title if d.activity.object else "–",
            get_url=_page_url,
        ),
        Column("peer", label=_("Server"), accessor="peer"),
        StatusTagColumn(
            "state", label=_("State"), accessor="get_state_display", primary=lambda d: d.state == "waiting"
        ),
        Column("error", label=_("Their words"), accessor=lambda d: shortened(words_of(d.error)) or "–"),
        NextColumn(
            "next_attempt", label=_("Next attempt"), accessor=lambda d: d.next_attempt if d.is_waiting else None
        ),
        DateColumn("created", label=_("Since"), sort_key="created"),
    ]
    ordering = ["-id"]
    list_export = [
        "what",
        "activity.object.title",
        "activity.actor.handle",
        "peer_id",
        "inbox",
        "get_state_display",
        "attempts",
        "created",
        "attempted_at",
        "status",
        "error",
    ]
    export_headings = {
        "what": _("What"),
        "activity.object.title": _("Page"),
        "activity.actor.handle": _("Organisation"),
        "peer_id": _("Server"),
        "inbox": _("Mailbox"),
        "get_state_display": _("State"),
        "attempts": _("Attempts"),
        "created": _("Since"),
        "attempted_at": _("Last attempt"),
        "status": _("Status of the last answer"),
        "error": _("Their words"),
    }
    inspect_view_fields = [
        "what",
        "inbox",
        "state",
        "attempts",
        "created",
        "attempted_at",
        "next_attempt",
        "status",
        "error",
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("page/<str:key>/", PageDeliveryView.as_view(), name="page"),
            path("send-again/", SendAgainView.as_view(), name="send_again"),
        ]
