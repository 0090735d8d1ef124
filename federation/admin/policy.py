"""Who may look at what: an editor sees the rows of the publishers whose pages they may change, and nobody else's."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.permissions import policy_registry

from federation.conf import source
from federation.models import LocalActor


class OwnPublishersPolicy(BasePermissionPolicy):
    """Looking only. ``owners`` are the lookups from a row to its publishers' keys; without any, only those who may edit
    every publisher may look."""

    permission_cache_name = ""

    def __init__(self, model: type[Model], owners: tuple[str, ...]) -> None:
        super().__init__(model)
        self.owners = owners

    def visible_to(self, user: Any) -> QuerySet[Any]:
        """The rows that this user may see."""
        rows = self.model._default_manager.all()
        keys = source().publishers_editable_by(user)
        if keys is None:
            return rows
        if not self.owners or not keys:
            return rows.none()
        # Rows reached over a many-valued relation may match twice; an IN keeps them single.
        theirs = [Q(pk__in=rows.filter(**{f"{owner}__in": keys}).values("pk")) for owner in self.owners]
        return rows.filter(reduce(or_, theirs))

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action != "view" or not user.is_active:
            return False
        keys = source().publishers_editable_by(user)
        return keys is None or bool(keys and self.owners)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.user_has_permission(user, action) and self.visible_to(user).filter(pk=instance.pk).exists()

    def users_with_any_permission(self, actions: Any) -> QuerySet[Any]:
        users = get_user_model()._default_manager.filter(is_active=True)
        return users.filter(pk__in=[user.pk for user in users if self.user_has_any_permission(user, actions)])


def own_actors(user: Any) -> QuerySet[LocalActor]:
    """Those who can be followed, of the publishers that this user may edit; by handle."""
    actors = LocalActor.objects.exclude(kind=LocalActor.Kind.INSTANCE).defer("document").order_by("handle")
    keys = source().publishers_editable_by(user)
    return actors if keys is None else actors.filter(key__in=keys)


def visible_to(user: Any, model: type[Any]) -> QuerySet[Any]:
    """Rows of a model that has a list here."""
    policy: Any = policy_registry.get_by_type(model)
    rows: QuerySet[Any] = policy.visible_to(user)
    return rows


def may_edit(user: Any, publisher: str) -> bool:
    keys = source().publishers_editable_by(user)
    return keys is None or publisher in keys
