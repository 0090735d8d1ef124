"""Wagtail's actions on many things at once, for those only that the user may see. Wagtail's own list what the user may
not touch, too, and so tell the title of everything whose number stands in an address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.pages import bulk_actions as of_pages
from wagtail.documents.views import bulk_actions as of_documents
from wagtail.images.views import bulk_actions as of_images
from wagtail.models import Page
from wagtail.permissions import policy_registry
from wagtail.users.views import bulk_actions as of_users

from cms.outlook.views import OurDelete, OurMove, OurUnpublish
from cms.page_views.bulk_publish import CheckedPublish
from cms.scope import explorable_pages

_NO_ACCESS = "items_with_no_access"
_OURS = {
    of_pages.PublishBulkAction: CheckedPublish,
    of_pages.UnpublishBulkAction: OurUnpublish,
    of_pages.DeleteBulkAction: OurDelete,
    of_pages.MoveBulkAction: OurMove,
}


class _Narrow(BulkAction):
    def get_actionable_objects(self) -> tuple[list[Any], dict[str, Any]]:
        objects, others = super().get_actionable_objects()
        refused = others[_NO_ACCESS]
        shown = set(_visible(self.request.user, self.model).filter(pk__in=[item.pk for item in refused]))
        others[_NO_ACCESS] = [item for item in refused if item in shown]
        if refused and not objects and not any(others.values()):
            raise Http404
        return objects, others


def narrow_actions() -> Iterator[type[BulkAction]]:
    """Stand-ins for all of Wagtail's actions; each takes the place of the one with its name."""
    for module in (of_pages, of_images, of_documents, of_users):
        for name in module.__all__:
            action = getattr(module, name)
            yield type(name, (_Narrow, _OURS.get(action, action)), {})


def _visible(user: Any, model: type[Any]) -> QuerySet[Any]:
    if issubclass(model, Page):
        return explorable_pages(user)
    policy = policy_registry.get_by_type(model)
    found: QuerySet[Any] = policy.instances_user_has_any_permission_for(user, ["choose", "change", "delete"])
    return found
