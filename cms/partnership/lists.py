"""The list of partners in the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import ButtonsColumnMixin, Column, StatusTagColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button, ButtonWithDropdown, HeaderButton

from cms.models import OrganisationPage

from . import inviting, parting, views
from .away import all_away
from .who import is_coordinator, partners_of, state_of


class PartnerColumn(ButtonsColumnMixin, TitleColumn):
    """The name, with what can be done beside it."""

    def __init__(self, *args: Any, actions: Callable[[OrganisationPage], list[Button]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actions = actions

    def get_buttons(self, instance: OrganisationPage, parent_context: Any) -> list[Any]:
        label = _("More options for “%(name)s”") % {"name": instance.title}
        buttons = self.actions(instance)
        icon = {"icon_name": "dots-horizontal", "attrs": {"aria-label": label}}
        return [ButtonWithDropdown(buttons=buttons, **icon)] if buttons else []


class PartnersView(BaseListingView):
    model = OrganisationPage
    page_title = _("Partners")
    header_icon = "group"
    index_url_name = "partners:index"
    index_results_url_name = "partners:index_results"
    default_ordering = "title"
    paginate_by = 50
    is_searchable = True
    search_fields = ["title", "short_name", "handle"]
    search_backend_name = None

    @cached_property
    def columns(self) -> list[Column]:
        away = all_away()

        def state(page: OrganisationPage) -> str:
            return state_of(page, away=page.publisher_key in away)

        def address(page: OrganisationPage) -> str:
            return reverse("partners:page", args=[page.pk])

        return [
            PartnerColumn(
                "title", label=_("Name"), sort_key="title", get_url=address, actions=self.actions_on(away), width="40%"
            ),
            Column("handle", label=_("Handle"), sort_key="handle", accessor=lambda page: f"@{page.handle}"),
            StatusTagColumn("state", label=_("State"), accessor=state, primary=lambda page: page.live),
            Column("editors", label=_("Editors"), accessor=lambda page: page.editor_count or "–"),
            Column("invitations", label=_("Open invitations"), accessor=lambda page: page.invitation_count or "–"),
        ]

    def actions_on(self, away: set[str]) -> Callable[[OrganisationPage], list[Button]]:
        """What can be done with a partner, as buttons; what concerns one invitation is on the partner's own page."""
        coordinates = is_coordinator(self.request.user)

        def actions(page: OrganisationPage) -> list[Button]:
            found = []
            if page.publisher_key in away:
                found.append(("return", _("Partner comes back …"), "undo"))
            else:
                found.append(("invite", _("Invite …"), "mail"))
                found.append(("leave", _("Partner leaves …"), "logout"))
            own = [one for one in found if coordinates or one[0] == "invite"]
            return [
                Button(label, url=reverse(f"partners:{to}", args=[page.pk]), icon_name=icon) for to, label, icon in own
            ]

        return actions

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not (is_coordinator(request.user) or partners_of(request.user).exists()):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_coordinator(request.user) and len(own := partners_of(request.user)[:2]) == 1:
            return redirect("partners:page", own[0].pk)
        return super().get(request, *args, **kwargs)

    def get_base_queryset(self) -> Any:
        people = Count("editors__user", filter=Q(editors__user__is_active=True), distinct=True)
        is_open = Q(invitations__accepted_at=None, invitations__withdrawn_at=None)
        asked = Count("invitations", filter=is_open, distinct=True)
        return partners_of(self.request.user).annotate(editor_count=people, invitation_count=asked)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not is_coordinator(self.request.user):
            return []
        return [HeaderButton(_("New partner"), url=reverse("partners:new"), icon_name="plus")]


class PartnersItem(MenuItem):
    """For coordinators. An organisation's editors have “Colleagues” in its place."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_coordinator(request.user)


class ColleaguesItem(MenuItem):
    """For an organisation's editors, who may invite others to it."""

    def is_shown(self, request: HttpRequest) -> bool:
        return not is_coordinator(request.user) and partners_of(request.user).exists()


class PartnersViewSet(ViewSet):
    name = "partners"
    icon = "group"
    menu_label = _("Partners")
    menu_order = 250
    menu_item_class = PartnersItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        one = "<int:page_id>/invitations/<int:invitation_id>/"
        return [
            path("", PartnersView.as_view(), name="index"),
            path("results/", PartnersView.as_view(results_only=True), name="index_results"),
            path("new/", views.MakeView.as_view(), name="new"),
            path("<int:page_id>/", views.PartnerView.as_view(), name="page"),
            path("<int:page_id>/invite/", inviting.InviteView.as_view(), name="invite"),
            path(f"{one}withdraw/", inviting.WithdrawView.as_view(), name="withdraw"),
            path(f"{one}send/", inviting.SendAgainView.as_view(), name="send"),
            path(f"{one}link/", inviting.LinkView.as_view(), name="link"),
            path("<int:page_id>/leave/", parting.LeaveView.as_view(), name="leave"),
            path("<int:page_id>/return/", parting.ReturnView.as_view(), name="return"),
            path("handle/", views.HandleView.as_view(), name="handle"),
        ]
