"""The lists in the admin's “Sharing” menu."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column, DateColumn, StatusTagColumn, TitleColumn
from wagtail.admin.viewsets.base import ViewSetGroup

from federation.conf import federation_settings
from federation.models import Follower, FollowRequest, LocalActor, Peer, RemoteObject
from federation.outbox.followers import waiting_requests

from .bulk import SEARCHED, FollowerFilters, FollowRequestFilters
from .columns import AddressColumn, NextColumn, PersonColumn, RowColumn
from .deliveries import DeliveryViewSet
from .listing import OwnIndexView, ReadOnlyViewSet
from .policy import visible_to
from .waiting import WaitingViewSet
from .words import words_of

_PERSON = ["remote.handle", "remote.name", "remote.uri", "actor.handle", "created"]
_PERSON_HEADINGS = {
    "remote.handle": _("Follower"),
    "remote.name": _("Name"),
    "remote.uri": _("Their address"),
    "actor.handle": _("Organisation"),
    "created": _("Since"),
}


def _delivery_url(actor: LocalActor) -> str:
    return f"{reverse('deliveries:index')}?actor={actor.pk}"


class ProfileViewSet(ReadOnlyViewSet):
    model = LocalActor
    name = "profiles"
    owners = ("key",)
    counts = {"follower_count": Count("followers")}
    icon = "user"
    menu_label = _("Profiles")
    list_display = [
        RowColumn(
            "profiles", label=_("Handle"), accessor=lambda actor: f"@{actor.handle}@{federation_settings().host}"
        ),
        Column("name", label=_("Name"), sort_key="name"),
        Column("count", label=_("Followers"), accessor="follower_count"),
        Column("paused", label=_("Sending"), accessor=lambda actor: _("paused") if actor.paused else _("on")),
        TitleColumn("delivery", label=_("Delivery"), accessor=lambda _row: _("what was sent"), get_url=_delivery_url),
    ]
    ordering = ["handle"]
    list_export = ["handle", "name", "uri", "url", "follower_count", "paused", "created"]
    export_headings = {"follower_count": _("Followers")}
    inspect_view_fields = ["handle", "name", "uri", "url", "created", "updated", "paused"]


class FollowerViewSet(ReadOnlyViewSet):
    model = Follower
    name = "followers"
    owners = ("actor__key",)
    related = ("actor", "remote")
    icon = "group"
    menu_label = _("Followers")
    index_template_name = "federation/admin/bulk_index.html"
    list_display = [
        BulkActionsCheckboxColumn("bulk_actions", obj_type="follower"),
        RowColumn("followers", label=_("Follower"), accessor=str, get_title_id=lambda row: f"follower_{row.pk}_title"),
        Column("name", label=_("Name"), accessor="remote.name"),
        AddressColumn("address", label=_("Their page"), accessor=lambda f: f.remote.url or f.remote.uri),
        Column("actor", label=_("Follows"), accessor="actor"),
        DateColumn("created", label=_("Since"), sort_key="created"),
    ]
    ordering = ["-created"]
    filterset_class = FollowerFilters
    list_export = _PERSON
    export_headings = _PERSON_HEADINGS
    search_fields = SEARCHED
    inspect_view_fields = ["remote", "actor", "created"]


class FollowRequestIndexView(OwnIndexView):
    no_results_message = _(
        "Nobody waits. Followers come here if an organisation approves them by hand; that is set in its Profile tab."
    )

    def get_base_queryset(self) -> Any:
        waiting = waiting_requests().filter(pk__in=visible_to(self.request.user, FollowRequest).values("pk"))
        return waiting.select_related(*self.related)


class FollowRequestViewSet(ReadOnlyViewSet):
    model = FollowRequest
    name = "follow_requests"
    owners = ("actor__key",)
    related = ("actor", "remote")
    icon = "group"
    menu_label = _("Followers to approve")
    inspect_view_enabled = False
    index_view_class = FollowRequestIndexView
    index_template_name = "federation/admin/bulk_index.html"
    list_display = [
        BulkActionsCheckboxColumn("bulk_actions", obj_type="followrequest"),
        PersonColumn("followrequest", label=_("Follower"), accessor=str),
        Column("name", label=_("Name"), accessor="remote.name"),
        AddressColumn("address", label=_("Their page"), accessor=lambda r: r.remote.url or r.remote.uri),
        Column("actor", label=_("Wants to follow"), accessor="actor"),
        DateColumn("created", label=_("Since"), sort_key="created"),
    ]
    ordering = ["created"]
    filterset_class = FollowRequestFilters
    list_export = _PERSON
    export_headings = _PERSON_HEADINGS
    search_fields = SEARCHED


class PartnerItemViewSet(ReadOnlyViewSet):
    model = RemoteObject
    name = "from_partners"
    # Whose organisation follows the author, or the one who shared it.
    owners = ("actor__followed_by__actor__key", "shared_by__followed_by__actor__key")
    related = ("actor", "shared_by")
    icon = "download"
    menu_label = _("From partners")
    list_display = [
        RowColumn("from_partners", label=_("Title"), accessor=str),
        Column("actor", label=_("From"), accessor="actor"),
        Column("shared_by", label=_("Shared by"), accessor=lambda item: item.shared_by or "–"),
        AddressColumn("url", label=_("Original"), accessor=lambda item: item.url or item.uri),
        DateColumn("published", label=_("Published"), sort_key="published"),
        StatusTagColumn(
            "state", label=_("State"), accessor=lambda i: _("withdrawn") if i.withdrawn_at else _("published")
        ),
    ]
    ordering = ["-received_at"]
    search_fields = ["title", "actor__name", "actor__handle"]
    list_export = ["title", "actor.handle", "shared_by.handle", "published", "withdrawn_at", "url", "uri"]
    export_headings = {"actor.handle": _("From"), "shared_by.handle": _("Shared by"), "url": _("Original")}
    inspect_view_fields = [
        "title",
        "actor",
        "shared_by",
        "published",
        "updated",
        "withdrawn_at",
        "summary",
        "text",
        "url",
        "language",
    ]


class ServerViewSet(ReadOnlyViewSet):
    model = Peer
    name = "servers"
    icon = "globe"
    menu_label = _("Servers")
    list_display = [
        RowColumn("servers", label=_("Server"), accessor=str),
        StatusTagColumn("state", label=_("State"), accessor=lambda peer: peer.state_text),
        Column("hold_reason", label=_("Why"), accessor=lambda peer: words_of(peer.hold_reason) or "–"),
        NextColumn("held_until", label=_("Next attempt"), accessor="held_until"),
        DateColumn("last_success", label=_("Last success"), sort_key="last_success"),
        Column("let_go", label=_("Followers let go"), accessor=lambda peer: peer.followers_let_go or "–"),
    ]
    ordering = ["origin"]
    search_fields = ["origin"]
    list_export = ["origin", "state_text", "hold_reason", "failing_since", "held_until", "last_success"]
    export_headings = {
        "origin": _("Server"),
        "state_text": _("State"),
        "hold_reason": _("Why"),
        "failing_since": _("Failing since"),
        "held_until": _("Next attempt"),
        "last_success": _("Last success"),
    }
    inspect_view_fields = [
        "origin",
        "blocked",
        "scheme",
        "held_until",
        "hold_reason",
        "last_success",
        "failing_since",
        "probed_at",
        "followers_let_go",
        "let_go_at",
    ]


class SharingGroup(ViewSetGroup):
    """Everything about followers and other servers, in one menu."""

    menu_label = _("Sharing")
    menu_icon = "globe"
    menu_order = 300
    items = (
        ProfileViewSet,
        FollowerViewSet,
        FollowRequestViewSet,
        DeliveryViewSet,
        WaitingViewSet,
        PartnerItemViewSet,
        ServerViewSet,
    )
