"""Where partners hook into Wagtail."""

from __future__ import annotations

from wagtail import hooks

from .lists import PartnersViewSet


@hooks.register("register_admin_viewset")
def partners_list() -> PartnersViewSet:
    return PartnersViewSet()
