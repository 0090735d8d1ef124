"""Who may do what with partners.

A *coordinator* may add and publish pages under the front page, and so makes partners. An organisation's group may
publish, so whoever puts somebody into it must be in it, or be a coordinator: others would hand out more than they have.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from wagtail.permission_policies.pages import PagePermissionPolicy

from cms.models import HomePage, OrganisationPage


def find_home() -> HomePage | None:
    """The front page under which organisations lie: the default site's."""
    return HomePage.objects.filter(sites_rooted_here__is_default_site=True).first()


def is_coordinator(user: Any) -> bool:
    """Whether the user may add and publish organisations under the front page."""
    home = find_home() if user.is_active and not user.is_anonymous else None
    if home is None:
        return False
    tester = home.permissions_for_user(user)
    return bool(tester.can_add_subpage() and tester.can_publish_subpage())


def partners() -> QuerySet[OrganisationPage]:
    """Every organisation once: the first of its language versions, and no alias."""
    earlier = OrganisationPage.objects.filter(
        translation_key=OuterRef("translation_key"), alias_of__isnull=True, pk__lt=OuterRef("pk")
    )
    found: QuerySet[OrganisationPage] = OrganisationPage.objects.filter(~Exists(earlier), alias_of__isnull=True)
    return found


def partners_of(user: Any) -> QuerySet[OrganisationPage]:
    """The organisations that the user looks after: a coordinator's are all that they may change, an editor's those
    whose group they are in."""
    if not user.is_active:
        return partners().none()
    if user.is_superuser:
        return partners()
    if is_coordinator(user):
        changeable = PagePermissionPolicy(OrganisationPage).instances_user_has_permission_for(user, "change")
        return partners().filter(pk__in=changeable.order_by().values("pk"))
    return partners().filter(editors__in=user.groups.all())


def state_of(page: OrganisationPage, *, away: bool) -> str:
    """How it stands with the partner, in a coordinator's words."""
    if away:
        return _("left, its page is public") if page.live else _("left, hidden")
    if page.live:
        return _("public")
    return _("draft") if page.first_published_at is None else _("hidden")
