"""What a user of the admin may see and use: their own organisations' pages and files, and what readers see anyway.

Wagtail asks for permission before it changes something, but often shows the title of whatever a number in an address or
a form names. The middleware (``cms.admin_scope``), the hooks and the page form ask here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from wagtail.models import Page
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry
from wagtail.query import PageQuerySet

from cms.visibility import readable_pages


def explorable_pages(user: Any) -> PageQuerySet:
    """The user's own pages, drafts included, and what stands above them."""
    return PagePermissionPolicy().explorable_instances(user)


def choosable_pages(user: Any) -> PageQuerySet:
    """Pages to link to: the own ones, and what readers may see."""
    own = explorable_pages(user)
    return Page.objects.filter(pk__in=own.order_by().values("pk").union(readable_pages().order_by().values("pk")))


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
    wanted = {str(number) for number in numbers}
    # Eighteen digits fit into the column's type; more would make the database raise.
    if not all(number.isascii() and number.isdecimal() and len(number) <= 18 for number in wanted):
        return False
    return allowed.filter(pk__in=wanted).order_by().values("pk").distinct().count() == len({*map(int, wanted)})


def _files(user: Any, model: type[Any], *actions: str) -> QuerySet[Any]:
    files: QuerySet[Any] = policy_registry.get_by_type(model).instances_user_has_any_permission_for(user, actions)
    return files
