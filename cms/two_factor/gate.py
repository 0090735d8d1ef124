"""The one door in front of the admin. Whoever logged in with a password and has to show a code, or to set an app up,
gets nothing else: every address of the admin leads there, its API included, and everywhere else they are a stranger.
The default is refusal: an address that is added later is closed by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from .factors import Standing, standing_of

_FURNITURE = {"wagtailadmin_logout", "wagtailadmin_login", "wagtailadmin_sprite", "wagtailadmin_javascript_catalog"}
_OPEN = {
    Standing.MUST_SHOW: {"two_factor_show", *_FURNITURE},
    Standing.MUST_SET_UP: {"two_factor_set_up", "two_factor_picture", *_FURNITURE},
}
_NEXT = {Standing.MUST_SHOW: "two_factor_show", Standing.MUST_SET_UP: "two_factor_set_up"}
# Outside the admin, but of no use to a stranger.
_FOR_PEOPLE = {"two_factor_show", "two_factor_set_up", "two_factor_picture", "cms_invitation"}

View = Callable[..., HttpResponseBase]


class SecondFactorGate:
    """Middleware. Stands below django-otp's, and above everything that asks who the user is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        # Nobody is logged in without a session, and readers cost no query. Sessions have names of letters and digits;
        # whatever else a stranger sends, the database may not even be asked for.
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "").isalnum():
            return None
        standing = standing_of(request.user)
        if standing is Standing.FREE:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in _OPEN[standing]:
            return None
        if name in _FOR_PEOPLE or request.path.startswith(reverse("wagtailadmin_home")):
            return _refuse(request, standing)
        request.user = AnonymousUser()
        return None


def _refuse(request: HttpRequest, standing: Standing) -> HttpResponseBase:
    if _is_asked_by_a_program(request):
        response: HttpResponseBase = JsonResponse(
            {"message": _("Two-factor login is needed first."), "error": "two_factor"}, status=403
        )
    else:
        # What was sent with a POST is not sent again.
        after = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("wagtailadmin_home")
        response = redirect(f"{reverse(_NEXT[standing])}?{urlencode({'next': after})}")
    add_never_cache_headers(response)
    return response


def _is_asked_by_a_program(request: HttpRequest) -> bool:
    return (
        request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.path.startswith(f"{reverse('wagtailadmin_home')}api/")
        or not request.accepts("text/html")
    )
