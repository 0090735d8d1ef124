"""What an editor may do about many followers at once: approve or refuse those who asked, and remove those who follow.
Each action is one or two statements, however many they are; a worker tells their servers."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.views.bulk_action import BulkAction

from federation.models import Follower, FollowRequest
from federation.outbox.followers import decide, remove, waiting_requests

from .listing import OfActor
from .policy import visible_to

MOST_SHOWN = 50
# Where both lists look for the words that somebody searches.
SEARCHED = ["remote__handle", "remote__name"]


class FollowerFilters(OfActor):
    class Meta:
        model = Follower
        fields = ["actor"]


class FollowRequestFilters(OfActor):
    class Meta:
        model = FollowRequest
        fields = ["actor"]


class FollowersAction(BulkAction):
    """On rows that the user may see; others do not exist for them, whatever numbers the address has."""

    template_name = "federation/admin/bulk_followers.html"
    filterset_class: type[OfActor]
    question: Any = ""
    yes: Any = ""
    consequence: Any = ""

    @cached_property
    def chosen(self) -> QuerySet[Any]:
        numbers = self.request.GET.getlist("id")
        rows = self.rows().filter(pk__in=visible_to(self.request.user, self.model).values("pk"))
        if "all" in numbers:
            rows = self.listed(rows)
        else:
            rows = rows.filter(pk__in=[number for number in numbers if number.isdecimal() and len(number) <= 18])
        if not rows.exists():
            raise Http404
        return rows.select_related("remote", "actor").order_by("pk")

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def listed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of ``rows`` that the list showed: the address has its filters and its search too."""
        filters = self.filterset_class(self.request.GET, queryset=rows, request=self.request)
        if not filters.is_valid():
            return rows.none()
        words = self.request.GET.get("q", "")
        return filters.qs.filter(reduce(or_, (Q(**{f"{field}__icontains": words}) for field in SEARCHED)))

    def get_actionable_objects(self) -> tuple[Any, dict[str, Any]]:
        return self.chosen, {"items_with_no_access": []}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Not Wagtail's own, which would load each of a hundred thousand."""
        count = self.chosen.count()
        context = {"shown": self.chosen[:MOST_SHOWN], "count": count, "more": max(0, count - MOST_SHOWN)}
        words = {"question": self.question, "yes": self.yes, "consequence": self.consequence}
        submit_url = f"{self.request.path}?{self.request.META['QUERY_STRING']}"
        return (
            {"view": self, "form": self.get_form(), "next": self.next_url, "submit_url": submit_url} | context | words
        )


class _Decide(FollowersAction):
    models = [FollowRequest]
    filterset_class = FollowRequestFilters
    decision: FollowRequest.Decision

    def rows(self) -> QuerySet[Any]:
        return waiting_requests()

    @classmethod
    def execute_action(cls, objects: Any, **kwargs: Any) -> tuple[int, int]:
        return decide(FollowRequest.objects.filter(pk__in=objects.values("pk")), cls.decision), 0


class Approve(_Decide):
    display_name = _("Approve")
    action_type = "approve"
    aria_label = _("Approve the chosen followers")
    action_priority = 10
    decision = FollowRequest.Decision.APPROVED
    question = _("Approve these followers?")
    yes = _("Approve")
    consequence = _("They are told, and get what is published from now on.")

    def get_success_message(self, count: int, _children: int) -> str:
        return ngettext("%d follower is approved.", "%d followers are approved.", count) % count


class Refuse(_Decide):
    display_name = _("Refuse")
    action_type = "refuse"
    aria_label = _("Refuse the chosen followers")
    action_priority = 20
    classes = {"serious"}
    decision = FollowRequest.Decision.REFUSED
    question = _("Refuse these followers?")
    yes = _("Refuse")
    consequence = _("They are told, and may ask again.")

    def get_success_message(self, count: int, _children: int) -> str:
        return ngettext("%d follower is refused.", "%d followers are refused.", count) % count


class Remove(FollowersAction):
    models = [Follower]
    filterset_class = FollowerFilters
    display_name = _("Remove")
    action_type = "remove"
    aria_label = _("Remove the chosen followers")
    classes = {"serious"}
    question = _("Remove these followers?")
    yes = _("Remove")
    consequence = _(
        "They are told, and get nothing more from now on. What they have got stays with them, and unless you approve"
        " followers by hand, they may follow again."
    )

    def rows(self) -> QuerySet[Any]:
        return Follower.objects.all()

    @classmethod
    def execute_action(cls, objects: Any, **kwargs: Any) -> tuple[int, int]:
        return remove(Follower.objects.filter(pk__in=objects.values("pk"))), 0

    def get_success_message(self, count: int, _children: int) -> str:
        return ngettext("%d follower is removed.", "%d followers are removed.", count) % count


ACTIONS = (Approve, Refuse, Remove)
