"""What stands on the home of the admin, and in the editor's panel about sharing: a few numbers, and where there are
more."""

from __future__ import annotations

from collections.abc import Mapping, MutableSequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.admin.ui.components import Component

from federation.models import PageFigures, PublishedObject
from federation.outbox.progress import find_last

from .figures import SHORT, Growth, growth, oldest_waiting, pages, sees_anything, start_of, thinned, troubles
from .page_keys import key_of
from .plots import NARROW, WIDE, Plot
from .policy import may_edit

FEW = 5
MOST_POINTS = 60


class SharingPanel(Component):
    name = "sharing"
    template_name = "federation/admin/home_panel.html"
    order = 250  # after what asks to be done, before one's own edits

    class Media:
        css = {"all": ["federation/admin/figures.css"]}

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        user, now = parent_context["request"].user, timezone.now()
        grown = growth(user, start_of(SHORT, now))
        failing = list(troubles(user, now)[: FEW + 1])
        return {
            "growth": grown,
            "gained": gained(grown),
            "plot": followers_plot("cw-home-followers", grown, width=NARROW),
            "pages": list(pages(user).order_by("-published")[:FEW]),
            "troubles": failing[:FEW],
            "more_troubles": len(failing) > FEW,
            "oldest": oldest_waiting(user, now),
            "figures_url": reverse("federation_figures:index"),
        }


def add_to_home(request: HttpRequest, panels: MutableSequence[Component]) -> None:
    if sees_anything(request.user):
        panels.append(SharingPanel())


def gained(grown: Growth) -> str:
    """“3 more than on 1 May”; empty where there is nothing to compare."""
    if len(grown.days) < 2:
        return ""
    count = abs(grown.gained)
    more = ngettext("%(count)d more than %(days)d days ago", "%(count)d more than %(days)d days ago", count)
    fewer = ngettext("%(count)d fewer than %(days)d days ago", "%(count)d fewer than %(days)d days ago", count)
    days = (grown.days[-1].day - grown.days[0].day).days
    if not count:
        return _("as many as %(days)d days ago") % {"days": days}
    return (more if grown.gained > 0 else fewer) % {"count": count, "days": days}


def followers_plot(ident: str, grown: Growth, width: int = WIDE) -> Plot:
    points = [(day.day, day.followers) for day in thinned(grown.days, MOST_POINTS)]
    said = ""
    if points:
        values = {"first": points[0][1], "last": points[-1][1], "from": points[0][0], "to": points[-1][0]}
        said = _("From %(first)d on %(from)s to %(last)d on %(to)s. The same numbers stand in a table below.") % values
    return Plot(ident, _("Followers, day by day"), said, points, width)


class DeliveryNote(Component):
    """One line in the editor's panel."""

    template_name = "federation/admin/delivery_note.html"

    def __init__(self, told: PublishedObject, figures: PageFigures | None) -> None:
        self.told, self.figures = told, figures

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        figures = self.figures
        is_counted = figures is not None and figures.counted is not None and figures.counted > _last_said(self.told)
        return {"figures": figures if is_counted else None, "address": delivery_url(self.told)}


def note(request: HttpRequest, page: Any) -> DeliveryNote | None:
    told = find_told(request.user, page)
    return DeliveryNote(told, PageFigures.objects.filter(pk=told.pk).first()) if told else None


class DeliveryMenuItem(ActionMenuItem):
    """Beside “Share again as a boost”."""

    name = "action-delivery"
    label = gettext_lazy("Delivery")
    icon_name = "mail"

    def is_shown(self, context: Mapping[str, Any]) -> bool:
        if context["view"] != "edit":
            return False
        return find_told(context["request"].user, context.get("page")) is not None

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        return reverse("deliveries:page", args=[key_of(parent_context["page"])])


def find_told(user: Any, page: Any) -> PublishedObject | None:
    """What the world was told last of this page, if this user may know; None if nothing."""
    told = find_last(key_of(page)) if page is not None and page.pk else None
    return told if told is not None and may_edit(user, told.actor.key) else None


def delivery_url(told: PublishedObject) -> str:
    return reverse("deliveries:page", args=[told.key])


def _last_said(told: PublishedObject) -> datetime:
    return max(filter(None, (told.published, told.updated, told.withdrawn_at)))
