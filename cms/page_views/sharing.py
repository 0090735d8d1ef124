"""Two things to do about a page's sharing without publishing it: to take the post back and keep the page, and to share
its post once more. Each asks before it does so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.models import Page

from cms import sharing
from cms.desk import desk
from cms.keys import page_key
from cms.models.base import Shareable
from cms.outlook.words import audience, of_removing
from federation.contract import Boosting


def is_out(page: Page) -> bool:
    return page.pk is not None and desk().alternate(page_key(page.pk)) is not None


class _MenuItem(ActionMenuItem):
    """Beside “Unpublish”, for a page that others have."""

    url_name = ""

    def is_shown(self, context: Mapping[str, Any]) -> bool:
        page = context.get("page")
        if context["view"] != "edit" or not isinstance(page, Shareable):
            return False
        return sharing.may_share(context["request"].user, page) and is_out(page)

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        return reverse(self.url_name, args=[parent_context["page"].pk])


class StopSharingMenuItem(_MenuItem):
    name = "action-stop-sharing"
    label = gettext_lazy("Remove from Mastodon and others (keep the page)")
    icon_name = "no-view"
    classname = "cw-long-item"
    url_name = "cms_stop_sharing"


class BoostMenuItem(_MenuItem):
    name = "action-boost"
    label = gettext_lazy("Share again as a boost")
    icon_name = "resubmit"
    url_name = "cms_boost"


class _AskFirst(TemplateView):
    template_name = "cms/admin/ask_first.html"
    page_title: str | Promise = ""
    button: str | Promise = ""
    is_serious = False

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        page = get_object_or_404(Page, pk=kwargs["page_id"]).specific
        if not isinstance(page, Shareable):
            raise Http404
        if not sharing.may_share(request.user, page):
            raise PermissionDenied
        self.object = page

    def said(self) -> list[str]:
        raise NotImplementedError

    def act(self) -> None:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        back = reverse("wagtailadmin_pages:edit", args=[self.object.pk])
        return context | {
            "page": self.object,
            "page_title": self.page_title,
            "said": self.said() if is_out(self.object) else [],
            "button": self.button,
            "is_serious": self.is_serious,
            "back": back,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.act()
        return redirect("wagtailadmin_pages:edit", self.object.pk)


class StopSharingView(_AskFirst):
    page_title = gettext_lazy("Remove from Mastodon and others")
    button = gettext_lazy("Remove, and keep the page")
    is_serious = True

    def said(self) -> list[str]:
        reached = desk().consequence(page_key(self.object.pk), None).reached
        return [*of_removing(1, reached), _("The page itself stays on this site as it is.")]

    def act(self) -> None:
        if sharing.stop_sharing(self.object, self.request.user):
            messages.success(self.request, _("The page is being removed from Mastodon and others. Here it stays."))
        else:
            messages.info(self.request, _("The page was not shared."))


class BoostView(_AskFirst):
    page_title = gettext_lazy("Share again as a boost")
    button = gettext_lazy("Share again")

    def said(self) -> list[str]:
        known = desk().consequence(page_key(self.object.pk), None)
        if not known.followers:
            return [_("Nobody follows yet, so nobody would see it.")]
        return [
            _("The post appears once more in the timelines of %(audience)s.") % {"audience": audience(known)},
            _("It is the same post: its replies stay with it."),
        ]

    def act(self) -> None:
        level, text = _ANSWERS[sharing.boost(self.object, self.request.user)]
        messages.add_message(self.request, level, str(text))


_ANSWERS: dict[Boosting, tuple[int, Promise]] = {
    Boosting.ASKED: (messages.SUCCESS, gettext_lazy("The post is shared again in a moment.")),
    Boosting.TOO_SOON: (
        messages.WARNING,
        gettext_lazy("It was shared within a day, so followers have it on top already. Try again tomorrow."),
    ),
    Boosting.NOT_SHARED: (messages.WARNING, gettext_lazy("The page is not shared, so there is nothing to boost.")),
}

urlpatterns: list[URLPattern] = [
    path("pages/<int:page_id>/stop-sharing/", StopSharingView.as_view(), name="cms_stop_sharing"),
    path("pages/<int:page_id>/boost/", BoostView.as_view(), name="cms_boost"),
]
