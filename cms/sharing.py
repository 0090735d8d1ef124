"""“Remove from Mastodon and others (keep the page)” and “Share again as a boost”: what an editor may do about sharing
outside of the page's form. Called by the interface; nothing here sends anything."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from wagtail.log_actions import log

from cms.desk import desk
from cms.keys import page_key
from cms.models.base import Shareable
from federation.contract import Boosting

STOP_SHARING = "cms.stop_sharing"
BOOSTED = "cms.boosted"


def may_share(user: Any, page: Shareable) -> bool:
    """Whoever may publish a page decides whether it is shared, also while somebody else has locked it."""
    return bool(page.alias_of_id is None and page.permissions_for_user(user).can_publish())


def stop_sharing(page: Shareable, user: Any) -> bool:
    """The page stays as it is, drafts and schedules too, and is shared no more: neither now nor by publishing a version
    that was written before. Whether anything changed. Raises PermissionDenied.

    The row is changed, not a version published: that would end a workflow and take back a schedule."""
    if not may_share(user, page):
        raise PermissionDenied
    model = type(page)
    with transaction.atomic():
        live = model._default_manager.select_for_update().get(pk=page.pk)
        drafts = _versions_to_come(live)
        if not live.share and not drafts:
            return False
        live.share = False
        live.save(update_fields=["share"], clean=False)
        for version in drafts:
            version.content["share"] = False
            version.save(update_fields=["content"])
        log(instance=live, action=STOP_SHARING, user=user)
    page.share = False
    return True


def boost(page: Shareable, user: Any) -> Boosting:
    """The page's own post stands on top of followers' timelines once more. Raises PermissionDenied."""
    if not may_share(user, page):
        raise PermissionDenied
    answer = desk().boost(page_key(page.pk))
    if answer is Boosting.ASKED:
        log(instance=page, action=BOOSTED, user=user)
    return answer


def _versions_to_come(page: Shareable) -> list[Any]:
    """Those that may still be published: the published one itself, and all that are newer or scheduled."""
    current = page.live_revision
    newer = Q(approved_go_live_at__isnull=False)
    newer |= Q(pk=F("pk")) if current is None else Q(created_at__gte=current.created_at)
    return [version for version in page.revisions.filter(newer) if version.content.get("share")]
