"""What the preview of an organisation's profile asks for."""

from __future__ import annotations

from dataclasses import replace

from django import template

from cms.desk import desk
from cms.handles import free_handle
from cms.models import OrganisationPage
from cms.profiles import as_publisher
from federation.contract import ShownProfile

register = template.Library()


@register.simple_tag
def shown_profile(page: OrganisationPage) -> ShownProfile | None:
    """The profile of a page as it is in the editor, also of one that was never saved; None without federation."""
    handle = page.handle or free_handle(page.short_name or page.title, page.publisher_key)
    return desk().show_profile(replace(as_publisher(page), handle=handle))
