"""What a user of the admin may see and use: their own organisations' pages and files, and what readers see anyway.

Wagtail asks for permission before it changes something, but often shows the title of whatever a number in an address or
a form names. The middleware (``cms.admin_scope``), the hooks and the page form ask here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry
from wagtail.query import PageQuerySet

from cms.keys import find_number
from cms.visibility import readable_pages

# Wagtail's chooser hands this on from page to page, as a permission that it does not know and so does not ask for.
_BELOW = "below:"


def explorable_pages(user: Any) -> PageQuerySet:
    """The user's own pages, drafts included, and what stands above them."""
    return PagePermissionPolicy().explorable_instances(user)


def choosable_pages(user: Any) -> PageQuerySet:
    """Pages to link to: the own ones, and what readers may see."""
    own = explorable_pages(user)
    return Page.objects.filter(pk__in=own.order_by().values("pk").union(readable_pages().order_by().values("pk")))


def only_below(page: Page) -> str:
    """What a chooser carries along to list nothing but what lies below ``page``."""
    return f"{_BELOW}{page.pk}"


def find_top(asked: str) -> Page | None:
    """The page that was given to :func:`only_below`, as it came back in an address; None for anything else."""
    number = find_number(asked.removeprefix(_BELOW)) if asked.startswith(_BELOW) else None
    return Page.objects.filter(pk=number).first()


def narrowed(pages: PageQuerySet, asked: str) -> PageQuerySet:
    """``pages``, or those of them that :func:`only_below` asked for, with what one has to pass on the way to them."""
    if not asked.startswith(_BELOW):
        return pages
    top = find_top(asked)
    if top is None:
        return pages.none()
    way = [top.path[: Page.steplen * depth] for depth in range(1, top.depth + 1)]
    return pages.filter(Q(path__startswith=top.path) | Q(path__in=way))


def choosable_files(user: Any, model: type[Any]) -> QuerySet[Any]:
    """Images or documents that the user may put into a page."""
    return _files(user, model, "choose")


def visible_files(user: Any, model: type[Any]) -> QuerySet[Any]:
    """Images or documents that the admin lists for this user."""
    return _files(user, model, "choose", "change", "delete")


def sees_every_page(user: Any) -> bool:
    """Whether no page is hidden from the user: a superuser, or somebody who coordinates the whole site. Permissions
    hold for everything below, so the front pages of all languages decide."""
    own = PagePermissionPolicy().instances_user_has_any_permission_for(user, {"add", "change", "publish"})
    return not Page.objects.filter(depth=2).exclude(pk__in=own.order_by().values("pk")).exists()


def all_among(numbers: Iterable[Any], allowed: QuerySet[Any]) -> bool:
    """Whether each of these primary keys, as they came in an address or a form, is one of the allowed."""
    wanted = {find_number(str(number)) for number in numbers}
    if None in wanted:
        return False
    return allowed.filter(pk__in=wanted).order_by().values("pk").distinct().count() == len(wanted)


def _files(user: Any, model: type[Any], *actions: str) -> QuerySet[Any]:
    files: QuerySet[Any] = policy_registry.get_by_type(model).instances_user_has_any_permission_for(user, actions)
    return files
