"""The views that every list of the admin shares: read-only, and limited to what the policy lets the user see."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import django_filters
from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from federation.models import LocalActor

from .policy import OwnPublishersPolicy, own_actors
from .spreadsheets import SafeSpreadsheets


class OwnIndexView(SafeSpreadsheets, generic.IndexView):
    """Lists only rows that the user may see. ``related`` and ``counts`` keep the number of queries the same however
    long the list is."""

    related: tuple[str, ...] = ()
    counts: Mapping[str, Count] = MappingProxyType({})

    def get_base_queryset(self) -> Any:
        rows = self.permission_policy.visible_to(self.request.user).annotate(**self.counts)
        return rows.select_related(*self.related) if self.related else rows


class OwnInspectView(generic.InspectView):
    """Shows one row; one that the user may not see does not exist for them."""

    def get_object(self, queryset: Any = None) -> Any:
        found = super().get_object(queryset)
        if not self.permission_policy.user_has_permission_for_instance(self.request.user, "view", found):
            raise Http404
        return found

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        """A dash where there is nothing: “None” is a word of the code."""
        value = super().get_field_display_value(field_name, field)
        return "–" if value in (None, "") else value


class ReadOnlyViewSet(ModelViewSet):
    """A list and its rows, to look at and to take along. ``owners`` are the lookups to publishers' keys, see the
    policy; ``export_headings`` name what ``list_export`` has."""

    owners: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    counts: Mapping[str, Count] = MappingProxyType({})
    export_headings: Mapping[str, Any] = MappingProxyType({})
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = OwnIndexView
    inspect_view_class = OwnInspectView
    exclude_form_fields: tuple[str, ...] = ()  # Wagtail asks, although no form is ever shown
    list_per_page = 50

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        register_permission_policy(self.model, OwnPublishersPolicy(self.model, self.owners))

    @property
    def export_filename(self) -> str:
        return str(self.name).replace("_", "-")

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        ours = {"related": self.related, "counts": self.counts, "export_headings": dict(self.export_headings)}
        return super().get_index_view_kwargs(**ours, **kwargs)


def own_choices(request: Any) -> QuerySet[LocalActor]:
    """What a filter offers. Whoever chooses one reads no others' names than those that they may know."""
    return own_actors(request.user) if request is not None else LocalActor.objects.none()


class OfActor(WagtailFilterSet):
    """Rows of one profile."""

    actor = django_filters.ModelChoiceFilter(label=_("Organisation"), queryset=own_choices)
