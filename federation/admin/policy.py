"""Who may look at what: an editor sees the rows of the publishers whose pages they may change, and nobody else's."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, QuerySet
from wagtail.permission_policies.base import BasePermissionPolicy

from federation.conf import source


class OwnPublishersPolicy(BasePermissionPolicy):
    """Looking only. ``owner`` is the lookup from a row to its publisher's key; without one, only those who may edit
    every publisher may look."""

    permission_cache_name = ""

    def __init__(self, model: type[Model], owner: str | None) -> None:
        super().__init__(model)
        self.owner = owner

    def visible_to(self, user: Any) -> QuerySet[Any]:
        """The rows that this user may see."""
        rows = self.model._default_manager.all()
        keys = source().publishers_editable_by(user)
        if keys is None:
            return rows
        if self.owner is None or not keys:
            return rows.none()
        # Rows reached over a many-valued relation may match twice; an IN keeps them single.
        return rows.filter(pk__in=rows.filter(**{f"{self.owner}__in": keys}).values("pk"))

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action != "view" or not user.is_active:
            return False
        keys = source().publishers_editable_by(user)
        return keys is None or (bool(keys) and self.owner is not None)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.user_has_permission(user, action) and self.visible_to(user).filter(pk=instance.pk).exists()

    def users_with_any_permission(self, actions: Any) -> QuerySet[Any]:
        users = get_user_model()._default_manager.filter(is_active=True)
        return users.filter(pk__in=[user.pk for user in users if self.user_has_any_permission(user, actions)])
