"""What the organisation's editor can set going from its Profile tab."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from cms.desk import desk
from cms.models import OrganisationPage


@require_POST
def look_for_links_back(request: HttpRequest, page_id: int) -> HttpResponse:
    """Has the pages that the profile names looked at; a worker looks."""
    page = get_object_or_404(OrganisationPage, pk=page_id)
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    desk().look_for_links_back(page.publisher_key)
    messages.success(request, _("These pages are looked at in the next minute. Then open this page anew."))
    return redirect(f"{reverse('wagtailadmin_pages:edit', args=[page.pk])}#tab-profile")
