"""Answers 404 in the admin to whoever names somebody else's draft or file by its number.

Most views of Wagtail ask for permission, but not all, and a view of a later version may forget it too. So the numbers
in an address are looked at before any view runs: everything that names a page must be the user's own, or for choosing,
something that readers see. Superusers are not asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.defaults import page_not_found
from wagtail.models import Page

from cms.models import CustomDocument, CustomImage
from cms.scope import all_among, choosable_pages, explorable_pages, find_top, sees_every_page, visible_files
from cms.translating.scope import REPORT, may_translate

# Names of the parts of an address that are numbers of pages or files, in all of Wagtail's views.
_PAGES = {"page_id", "parent_page_id", "page_to_move_id", "page_pk", "destination_id"}
_FILES = {"image_id": CustomImage, "document_id": CustomDocument, "doc_id": CustomDocument}
# Forms that name the title of the page that was sent, when they refuse it.
_POSTED = {
    "wagtailadmin_pages:copy": "new_parent_page",
    "wagtailadmin_pages:move": "new_parent_page",
    "wagtailadmin_pages:choose_parent": "parent_page",
    "wagtail_bulk_action": "chooser",
}
_EXPLORER = {"wagtailadmin_explore", "wagtailadmin_explore_results"}  # leads back to what is one's own by itself
_CHOOSER = {"wagtailadmin_choose_page", "wagtailadmin_choose_page_child"}
# Reports that name whatever was edited last, and everybody who ever edited something.
_OF_ALL_PAGES = {
    f"wagtailadmin_reports:{report}{part}"
    for report in ("page_types_usage", "site_history")
    for part in ("", "_results")
} | {REPORT, f"{REPORT}_results"}

View = Callable[..., HttpResponseBase]


class AdminScope:
    """Middleware. Stands below those that find out who the user is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if not request.path.startswith(reverse("wagtailadmin_home")) or not _is_asked(request.user):
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not all(_answers(name, kwargs, request)):
            return _not_found(request)
        special = _SPECIAL.get(name)
        return special(request, view, args, kwargs) if special else None


def _is_asked(user: Any) -> bool:
    """Superusers may do everything, and strangers nothing: Wagtail sends them to the login."""
    return user.is_active and not user.is_superuser and user.has_perm("wagtailadmin.access_admin")


def _answers(name: str, kwargs: dict[str, Any], request: HttpRequest) -> Iterator[bool]:
    """One for each thing that the request names: whether the user may know of it. Stops asking when nobody listens."""
    user = request.user
    pages = [value for key, value in kwargs.items() if key in _PAGES]
    if "pk" in kwargs and name.startswith("wagtailadmin_pages:"):
        pages.append(kwargs["pk"])
    if pages and name not in _EXPLORER:
        yield all_among(pages, choosable_pages(user) if name in _CHOOSER else explorable_pages(user))
    for key, model in _FILES.items():
        if key in kwargs:
            yield all_among([kwargs[key]], visible_files(user, model))
    if name == "wagtailadmin_choose_page_chosen_multiple":
        yield all_among(request.GET.getlist("id"), choosable_pages(user).filter(depth__gt=1))
    if request.method == "POST" and (posted := request.POST.get(_POSTED.get(name, ""))):
        yield all_among([posted], explorable_pages(user))
    yield may_translate(name, kwargs, user)
    if name in _OF_ALL_PAGES:
        yield sees_every_page(user)


def _start_at_the_top(
    request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase | None:
    """Wagtail opens its chooser at the page above everything of the wanted kind, which may be a stranger's draft. One
    that lists only what lies below some page opens there."""
    own = Page.objects.filter(pk__in=choosable_pages(request.user).values("pk"))
    below = find_top(request.GET.get("user_perms", ""))
    home = (own.filter(pk=below.pk).first() if below else None) or own.order_by("depth", "path").first()
    return view(request, *args, **kwargs, parent_page_id=home.pk) if home else _not_found(request)


def _without_hidden_page(
    request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase | None:
    """Wagtail turns an address that somebody typed into a link to the page there, and tells its title, also that of a
    page with a password."""
    response: Any = view(request, *args, **kwargs)
    answer = json.loads(response.content)
    found = [answer[key]["id"] for key in ("result", "internal") if "id" in (answer.get(key) or {})]
    return response if all_among(found, choosable_pages(request.user)) else _not_found(request)


_SPECIAL = {
    "wagtailadmin_choose_page": _start_at_the_top,
    "wagtailadmin_choose_page_external_link": _without_hidden_page,
}


def _not_found(request: HttpRequest) -> HttpResponseBase:
    return page_not_found(request, Exception(), template_name="wagtailadmin/404.html")
