"""“Delivery” of one page: which servers accepted the newest that was said of it, which wait and why, and which refused
it; and the buttons that send it once more. Whoever may change an organisation's pages may look and send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page as PageOfRows
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, Table
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log

from federation.contract import Deliveries, Progress, ServerDelivery
from federation.models import PublishedObject
from federation.outbox.progress import deliveries_of, find_last
from federation.outbox.release import send_again

from .columns import NextColumn
from .page_keys import find_page
from .policy import may_edit
from .spreadsheets import SafeSpreadsheets
from .words import shortened, why, words_of

SENT_AGAIN = "federation.sent_again"
TITLE = gettext_lazy("Delivery")
# What an overview shows of each group; the rest has pages of its own.
FEW, MANY = 20, 50


@dataclass(frozen=True, slots=True)
class Group:
    """Servers that are equally far. ``name`` is how an address calls it."""

    name: str
    title: Promise | str
    progress: frozenset[Progress]


GROUPS = {
    group.name: group
    for group in (
        Group("refused", gettext_lazy("Refused"), frozenset({Progress.REFUSED, Progress.GIVEN_UP})),
        Group("waiting", gettext_lazy("Waiting"), frozenset({Progress.WAITING})),
        Group("accepted", gettext_lazy("Accepted by the server"), frozenset({Progress.ACCEPTED})),
    )
}


def count_of(group: Group, found: Deliveries) -> int:
    numbers = {"refused": found.refused + found.given_up, "waiting": found.waiting, "accepted": found.accepted}
    return numbers[group.name]


class WhyColumn(Column):
    """Plain words first, then the server's own as they came: text of strangers, cut and escaped."""

    cell_template_name = "federation/admin/why_cell.html"

    def get_cell_context_data(self, instance: ServerDelivery, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {
            "plain": why(instance),
            "words": shortened(words_of(instance.words)),
            "status": instance.status,
        }


class AgainColumn(Column):
    """A button of the form that stands around the table."""

    cell_template_name = "federation/admin/again_cell.html"


_SERVER = Column("server", label=gettext_lazy("Server"), accessor=lambda row: row.origin.partition("://")[2])
# What a phone has no room for.
_WIDE = "cw-wide"
_WHAT = Column("what", label=gettext_lazy("What"), classname=_WIDE)
_WHY = WhyColumn("why", label=gettext_lazy("Why"), accessor="words")
_LAST = DateColumn("at", label=gettext_lazy("Last attempt"), classname=_WIDE)
COLUMNS: Mapping[str, list[Column]] = {
    "refused": [_SERVER, _WHAT, _WHY, _LAST, AgainColumn("again", label="", accessor="origin")],
    "waiting": [_SERVER, _WHAT, _WHY, _LAST, NextColumn("next_attempt", label=gettext_lazy("Next attempt"))],
    "accepted": [_SERVER, _WHAT, DateColumn("at", label=gettext_lazy("Accepted"))],
}


class _Rows:
    """Of one group, as a paginator asks for them: so many as it shows, and no more."""

    def __init__(self, told: PublishedObject, group: Group, count: int) -> None:
        self._told, self._group, self._count = told, group, count

    def count(self) -> int:
        return self._count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice) -> tuple[ServerDelivery, ...]:
        skip = part.start or 0
        return deliveries_of(self._told, skip=skip, most=part.stop - skip, only=self._group.progress).rows


class PageDeliveryView(SafeSpreadsheets, WagtailAdminTemplateMixin, TemplateView):
    template_name = "federation/admin/page_delivery.html"
    page_title = TITLE
    header_icon = "mail"
    list_export = ["origin", "progress", "what", "attempts", "at", "next_attempt", "status", "why", "words"]
    export_filename = "delivery-of-page"
    export_headings = {
        "origin": gettext_lazy("Server"),
        "progress": gettext_lazy("State"),
        "what": gettext_lazy("What"),
        "attempts": gettext_lazy("Attempts"),
        "at": gettext_lazy("Last attempt"),
        "next_attempt": gettext_lazy("Next attempt"),
        "status": gettext_lazy("Status of the last answer"),
        "why": gettext_lazy("Why"),
        "words": gettext_lazy("Their words"),
    }

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.key = kwargs["key"]
        told = find_last(self.key)
        if told is None or not may_edit(request.user, told.actor.key):
            raise Http404
        self.told = told

    def get_page_subtitle(self) -> str:
        return self.told.title

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("deliveries:index"), "label": TITLE}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.told.title}]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        page = find_page(self.key)
        if page is None or not page.permissions_for_user(self.request.user).can_edit():
            return []
        address = reverse("wagtailadmin_pages:edit", args=[page.pk])
        return [HeaderButton(_("Edit the page"), url=address, icon_name="edit")]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.is_export:
            group = GROUPS.get(request.GET.get("group", ""))
            only = group.progress if group else frozenset(Progress)
            rows = deliveries_of(self.told, most=None, only=only).rows
            return self.as_spreadsheet(rows, request.GET["export"])
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """``origin`` is a server, or empty for all of them."""
        count = send_again(timezone.now(), request.POST.get("origin") or None, self.key)
        if count:
            text = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", count)
            messages.success(request, text % {"count": count})
            page = find_page(self.key)
            if page is not None:
                log(instance=page, action=SENT_AGAIN, user=request.user, data={"count": count})
        else:
            text = _("Nothing was sent again: it went out meanwhile, or was replaced by something newer.")
            messages.info(request, text)
        return redirect("deliveries:page", self.key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = deliveries_of(self.told, most=0)
        chosen = GROUPS.get(self.request.GET.get("group", ""))
        wanted = [chosen] if chosen else list(GROUPS.values())
        groups = [self._shown(group, found, is_alone=bool(chosen)) for group in wanted]
        context = {
            "told": self.told,
            "found": found,
            "groups": [group for group in groups if group["count"]],
            "is_one_group": bool(chosen),
            "whole_url": reverse("deliveries:page", args=[self.key]),
        }
        return super().get_context_data(**kwargs) | context

    def _shown(self, group: Group, found: Deliveries, *, is_alone: bool) -> dict[str, Any]:
        count = count_of(group, found)
        paginator = WagtailPaginator(_Rows(self.told, group, count), MANY if is_alone else FEW)
        part: PageOfRows[Any] = paginator.get_page(self.request.GET.get("p") if is_alone else 1)
        return {
            "name": group.name,
            "title": group.title,
            "count": count,
            "more": max(0, count - FEW) if not is_alone else 0,
            "table": Table(COLUMNS[group.name], part.object_list, caption=group.title),
            "part": part,
        }

    def to_row_dict(self, item: ServerDelivery) -> dict[str, Any]:
        values = {name: getattr(item, name) for name in self.list_export if name not in ("why", "progress")}
        found = values | {"why": why(item), "progress": str(_STATES[item.progress])}
        return {name: found[name] for name in self.list_export}

    def get_heading(self, queryset: Any, field: str) -> str:
        return str(self.export_headings[field])


_STATES = {
    Progress.ACCEPTED: gettext_lazy("accepted by the server"),
    Progress.WAITING: gettext_lazy("waiting"),
    Progress.REFUSED: gettext_lazy("refused"),
    Progress.GIVEN_UP: gettext_lazy("given up"),
}
