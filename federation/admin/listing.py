"""The views that every list of the admin shares: read-only, and limited to what the policy lets the user see."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet

from .policy import OwnPublishersPolicy


class OwnIndexView(generic.IndexView):
    """Lists only rows that the user may see."""

    def get_base_queryset(self) -> Any:
        rows = self.permission_policy.visible_to(self.request.user)
        return rows.select_related(*self.model_viewset_related) if self.model_viewset_related else rows

    model_viewset_related: tuple[str, ...] = ()


class OwnInspectView(generic.InspectView):
    """Shows one row; one that the user may not see does not exist for them."""

    def get_object(self, queryset: Any = None) -> Any:
        found = super().get_object(queryset)
        if not self.permission_policy.user_has_permission_for_instance(self.request.user, "view", found):
            raise Http404
        return found


class ReadOnlyViewSet(ModelViewSet):
    """A list and its rows, to look at. ``owner`` is the lookup to a publisher's key, see the policy."""

    owner: str | None = None
    related: tuple[str, ...] = ()
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = OwnIndexView
    inspect_view_class = OwnInspectView
    exclude_form_fields: tuple[str, ...] = ()
    list_per_page = 50

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.index_view_class = type("IndexView", (self.index_view_class,), {"model_viewset_related": self.related})

    @property
    def permission_policy(self) -> OwnPublishersPolicy:
        return OwnPublishersPolicy(self.model, self.owner)
