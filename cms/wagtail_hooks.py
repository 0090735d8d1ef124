"""Where the content side hooks into Wagtail."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from wagtail import hooks
from wagtail.models import Page

from cms.visibility import has_expired


@hooks.register("before_serve_page", order=-10)
def hide_expired_page(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> None:
    """A page is gone the moment that its time is over, not when the clock job has unpublished it."""
    if has_expired(page, timezone.now()):
        raise Http404
