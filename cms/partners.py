"""What comes into being with an organisation: a group for its editors, a collection for its files, a handle to follow.

Editors get their own subtree and their own collection, and nothing else. Called from ``OrganisationPage.save``, inside
its transaction; every step looks first, so that a second call changes nothing. It never takes anything away: people may
have added permissions by hand. Only a partner who leaves (``cms.partnership.leaving``) loses what it was given here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms.handles import free_handle
from cms.keys import organisation_key
from cms.models.handles import HandleClaim
from cms.models.partnership import Departure

if TYPE_CHECKING:
    from cms.models import OrganisationPage

PAGE_PERMISSIONS = ("add_page", "change_page", "publish_page")
FILE_PERMISSIONS = (
    ("wagtailimages", "add_image"),
    ("wagtailimages", "change_image"),
    ("wagtailimages", "choose_image"),
    ("wagtaildocs", "add_document"),
    ("wagtaildocs", "change_document"),
    ("wagtaildocs", "choose_document"),
)
# To come into the admin, and to translate what one may edit.
WITHOUT_PLACE = (("wagtailadmin", "access_admin"), ("wagtail_localize", "submit_translation"))


def save_with_provisions(page: OrganisationPage, save: Callable[[], None]) -> None:
    """Saves the page and everything that belongs to it, all or nothing."""
    with transaction.atomic():
        stored = _stored(page)
        _take_over(page, stored)
        if not page.handle:
            page.handle = free_handle(page.short_name or page.title, page.publisher_key)
        if page.editors is None:
            page.editors = Group.objects.create(name=_free_group_name(page.title))
        if page.collection is None:
            page.collection = Collection.get_first_root_node().add_child(name=page.title)
        save()
        _follow_rename(page, stored)
        grant(page)
        claim_handle(page.handle, page.publisher_key, instead_of=stored.get("handle") if _never_public(page) else None)


def claim_handle(handle: str, publisher: str, instead_of: str | None = None) -> None:
    """Notes who has the handle; raises ValidationError if somebody else was faster. ``instead_of`` is a handle that was
    never public and may go back."""
    claim, _new = HandleClaim.objects.get_or_create(handle=handle, defaults={"publisher": publisher})
    if claim.publisher != publisher:
        raise ValidationError({"handle": _("“%(handle)s” has just been taken.") % {"handle": handle}})
    if instead_of and instead_of != handle:
        HandleClaim.objects.filter(handle=instead_of, publisher=publisher).delete()


def publishers_editable_by(user: Any) -> set[str] | None:
    """Keys of the publishers whose pages this user may change; None means all, the site included."""
    if not user.is_active:
        return set()
    if user.is_superuser:
        return None
    model = apps.get_model("cms", "OrganisationPage")
    mine = PagePermissionPolicy(model).instances_user_has_permission_for(user, "change")
    keys = mine.order_by().filter(alias_of__isnull=True).values_list("translation_key", flat=True)
    return {organisation_key(key) for key in keys}


def _stored(page: OrganisationPage) -> dict[str, Any]:
    """The row as it is: what a revision says about group and collection may be old, or another organisation's."""
    rows = type(page)._default_manager.filter(pk=page.pk) if page.pk else type(page)._default_manager.none()
    return dict(rows.values("title", "handle", "editors", "collection").first() or {})


def _take_over(page: OrganisationPage, stored: dict[str, Any]) -> None:
    """Group and collection come from the stored row, or, for a new language version, from the one that exists."""
    if not stored:
        siblings = type(page)._default_manager.filter(translation_key=page.translation_key, alias_of__isnull=True)
        stored = dict(siblings.values("handle", "editors", "collection").first() or {})
        page.handle = page.handle or stored.get("handle", "")
    elif HandleClaim.objects.filter(handle=stored["handle"]).exclude(publisher=page.publisher_key).exists():
        stored = {}  # it was an alias until now: a copy of somebody else's fields
    page.editors_id, page.collection_id = stored.get("editors"), stored.get("collection")


def _free_group_name(title: str) -> str:
    name, number = title[:140], 1
    while Group.objects.filter(name=name).exists():
        number += 1
        name = f"{title[:140]} {number}"
    return name


def _follow_rename(page: OrganisationPage, stored: dict[str, Any]) -> None:
    old = str(stored.get("title", page.title))
    if old == page.title:
        return
    # Fresh rows: somebody may have renamed or moved them since this page was loaded, and a name given by hand stays.
    group = Group.objects.filter(pk=page.editors_id, name__startswith=old[:140]).first()
    if group is not None:
        group.name = _free_group_name(page.title)
        group.save(update_fields=["name"])
        page.editors = group
    collection = Collection.objects.filter(pk=page.collection_id, name=old).first()
    if collection is not None:
        collection.name = page.title
        collection.save(update_fields=["name"])
        collection.move(collection.get_parent(), "sorted-child")
        page.collection = Collection.objects.get(pk=collection.pk)


def grant(page: OrganisationPage) -> None:
    """What editors need at their page and in their collection. Not while the partner has left: saving its page would
    give back what leaving took away."""
    if Departure.objects.filter(publisher=page.publisher_key, returned_at=None).exists():
        return
    if (group := page.editors) is None:
        return
    wanted = {(p.content_type.app_label, p.codename): p for p in _wanted()}
    on_page = (wanted["wagtailcore", name] for name in PAGE_PERMISSIONS)
    on_files = (wanted[place] for place in FILE_PERMISSIONS)
    GroupPagePermission.objects.bulk_create(
        [GroupPagePermission(group=group, page_id=page.pk, permission=each) for each in on_page], ignore_conflicts=True
    )
    GroupCollectionPermission.objects.bulk_create(
        [GroupCollectionPermission(group=group, collection=page.collection, permission=each) for each in on_files],
        ignore_conflicts=True,
    )
    # Some are made by migrations and not anew after each, so a database that was emptied lacks them.
    group.permissions.add(*(wanted[place] for place in WITHOUT_PLACE if place in wanted))


def take_back(page: OrganisationPage) -> None:
    """Exactly what ``grant`` gives. What somebody added by hand stays, and is of no use without access to the admin."""
    if (group := page.editors) is None:
        return
    GroupPagePermission.objects.filter(group=group, page_id=page.pk, permission__codename__in=PAGE_PERMISSIONS).delete()
    GroupCollectionPermission.objects.filter(
        group=group, collection=page.collection, permission__codename__in=[name for _app, name in FILE_PERMISSIONS]
    ).delete()
    group.permissions.remove(*(p for p in _wanted() if (p.content_type.app_label, p.codename) in WITHOUT_PLACE))


def _wanted() -> QuerySet[Permission]:
    """Every permission that editors need somewhere."""
    places = (*(("wagtailcore", name) for name in PAGE_PERMISSIONS), *FILE_PERMISSIONS, *WITHOUT_PLACE)
    each = (Q(content_type__app_label=app, codename=name) for app, name in places)
    return Permission.objects.filter(reduce(or_, each)).select_related("content_type")


def _never_public(page: OrganisationPage) -> bool:
    return page.first_published_at is None and not page.live
