"""“Figures” among Wagtail's reports: each organisation month by month, each page's reach, and followers day by day. All
of them may be taken along as a spreadsheet."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from wagtail.admin.filters import DateRangePickerWidget
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import HeaderButton

from federation.models import DayFigures, MonthFigures, PublishedObject

from .figures import LONG, growth, of_user, pages, sees_anything, start_of, thinned, troubles
from .listing import OfActor
from .panels import delivery_url, followers_plot, gained
from .spreadsheets import SafeSpreadsheets

TITLE = _("Figures")
_ROWS_BESIDE_PLOT = 26
MOST_TROUBLES = 50


class _CountColumn(NumberColumn):
    """A dash where nobody counted: nothing is not zero."""

    def get_cell_context_data(self, instance: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context if context["raw_value"] is not None else context | {"value": "–"}


class _OwnReport(SafeSpreadsheets, ReportView):
    """A report on rows of the organisations that the user may edit."""

    owner = "actor"
    header_icon = "view"
    paginate_by = 50

    def get_base_queryset(self) -> Any:
        return of_user(self.request.user, super().get_base_queryset(), self.owner).select_related("actor")

    def get_filtered_queryset(self) -> Any:
        return self.get_queryset()

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = super().get_breadcrumbs_items()
        above = {"url": reverse("federation_figures:index"), "label": TITLE}
        return [*items[:-1], above, items[-1]] if self.page_title != TITLE else items


class MonthFilters(OfActor):
    month = django_filters.DateFromToRangeFilter(label=_("Month"), widget=DateRangePickerWidget)

    class Meta:
        model = MonthFigures
        fields = ["actor", "month"]


class DayFilters(OfActor):
    day = django_filters.DateFromToRangeFilter(label=_("Day"), widget=DateRangePickerWidget)

    class Meta:
        model = DayFigures
        fields = ["actor", "day"]


class PageFilters(OfActor):
    title = django_filters.CharFilter(label=_("Page"), lookup_expr="icontains")

    class Meta:
        model = PublishedObject
        fields = ["actor", "title"]


def _organisation(row: Any) -> str:
    return row.actor.name or str(row.actor)


_ORGANISATION = Column("organisation", label=_("Organisation"), accessor=_organisation)


class MonthsView(_OwnReport):
    """The first page: what is so now, and a table of months for a network's coordinator."""

    page_title = TITLE
    model = MonthFigures
    filterset_class = MonthFilters
    template_name = "federation/admin/figures.html"
    index_url_name = "federation_figures:index"
    index_results_url_name = "federation_figures:results"
    default_ordering = ("-month", "actor__handle")
    columns = [
        _ORGANISATION,
        Column(
            "month", label=_("Month"), accessor=lambda row: date_format(row.month, pgettext("format of a month", "F Y"))
        ),
        _CountColumn("published", label=_("Pages published")),
        _CountColumn("followers", label=_("Followers at its end")),
        _CountColumn("servers", label=_("Servers reached")),
        _CountColumn("refused", label=_("Servers that refused")),
    ]
    list_export = ["actor.name", "actor.handle", "month", "published", "followers", "servers", "refused"]
    export_headings = {
        "actor.name": _("Organisation"),
        "actor.handle": _("Handle"),
        "followers": _("Followers at its end"),
    }
    export_filename = "months"
    no_results_message = _("Months are counted every hour. The first figures come soon.")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [
            HeaderButton(_("Reach of pages"), url=reverse("federation_figures:pages"), icon_name="doc-full"),
            HeaderButton(_("Day by day"), url=reverse("federation_figures:days"), icon_name="date"),
        ]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        if self.is_export or self.results_only:
            return context
        user, now = self.request.user, timezone.now()
        grown = growth(user, start_of(LONG, now))
        failing = list(troubles(user, now)[: MOST_TROUBLES + 1])
        return context | {
            "growth": grown,
            "gained": gained(grown),
            "plot": followers_plot("cw-year-followers", grown),
            "few_days": thinned(grown.days, _ROWS_BESIDE_PLOT),
            "troubles": failing[:MOST_TROUBLES],
            "more_troubles": len(failing) > MOST_TROUBLES,
        }


class DaysView(_OwnReport):
    page_title = _("Day by day")
    model = DayFigures
    filterset_class = DayFilters
    index_url_name = "federation_figures:days"
    index_results_url_name = "federation_figures:days_results"
    default_ordering = ("-day", "actor__handle")
    columns = [
        _ORGANISATION,
        Column("day", label=_("Day"), accessor=lambda row: date_format(row.day)),
        NumberColumn("followers", label=_("Followers")),
        NumberColumn("servers", label=_("On so many servers")),
    ]
    list_export = ["actor.name", "actor.handle", "day", "followers", "servers"]
    export_headings = {"actor.name": _("Organisation"), "actor.handle": _("Handle")}
    export_filename = "followers-day-by-day"
    no_results_message = _("Followers are counted every ten minutes. The first figures come soon.")


class ReachView(_OwnReport):
    page_title = _("Reach of pages")
    model = PublishedObject
    filterset_class = PageFilters
    index_url_name = "federation_figures:pages"
    index_results_url_name = "federation_figures:pages_results"
    default_ordering = "-published"
    columns = [
        TitleColumn("title", label=_("Page"), get_url=delivery_url),
        _ORGANISATION,
        DateColumn("published", label=_("Shared"), sort_key="published"),
        _CountColumn("accepted", label=_("Accepted"), accessor="figures.accepted"),
        _CountColumn("waiting", label=_("Waiting"), accessor="figures.waiting"),
        _CountColumn("refused", label=_("Refused"), accessor="figures.refused"),
    ]
    list_export = ["title", "url", "actor.name", "published", "accepted", "waiting", "refused"]
    export_headings = {
        "title": _("Page"),
        "url": _("Address"),
        "actor.name": _("Organisation"),
        "published": _("Shared"),
        "accepted": _("Servers that accepted"),
        "waiting": _("Servers that wait"),
        "refused": _("Servers that refused"),
    }
    export_filename = "reach-of-pages"
    no_results_message = _("Nothing is shared yet.")

    def get_base_queryset(self) -> QuerySet[PublishedObject]:
        return pages(self.request.user)

    def to_row_dict(self, item: PublishedObject) -> dict[str, Any]:
        figures = getattr(item, "figures", None)
        own = {"title": item.title, "url": item.url, "actor.name": _organisation(item), "published": item.published}
        return own | {name: getattr(figures, name, None) for name in ("accepted", "waiting", "refused")}


class FiguresViewSet(ViewSet):
    name = "federation_figures"
    url_prefix = "reports/figures"

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", MonthsView.as_view(), name="index"),
            path("results/", MonthsView.as_view(results_only=True), name="results"),
            path("days/", DaysView.as_view(), name="days"),
            path("days/results/", DaysView.as_view(results_only=True), name="days_results"),
            path("pages/", ReachView.as_view(), name="pages"),
            path("pages/results/", ReachView.as_view(results_only=True), name="pages_results"),
        ]


class FiguresMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return sees_anything(request.user)


def menu_item() -> FiguresMenuItem:
    return FiguresMenuItem(TITLE, reverse("federation_figures:index"), name="figures", icon_name="view", order=690)
