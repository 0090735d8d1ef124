"""Old addresses lead to where a page is now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page

from tests.factories.cms_pages import make_news, make_organisation, make_section, publish

pytestmark = pytest.mark.django_db
Capture = Callable[..., Any]


def _leads_to(client: Client, address: str, page: Page) -> bool:
    response = client.get(address)
    target = Page.objects.get(pk=page.pk).url
    return response.status_code == 301 and response.headers["Location"].endswith(target)


def test_a_renamed_page_is_found_under_its_old_address(
    client: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    page = make_news()
    before = page.url
    with django_capture_on_commit_callbacks(execute=True):
        publish(page, slug="another-name")
    assert _leads_to(client, before, page)


def test_everything_below_a_renamed_organisation_is_found(
    client: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    organisation = make_organisation()
    page = make_news(make_section(organisation))
    before = page.url
    with django_capture_on_commit_callbacks(execute=True):
        publish(organisation, slug="another-name")
    assert _leads_to(client, before, page)


def test_everything_below_a_moved_section_is_found(client: Client, django_capture_on_commit_callbacks: Capture) -> None:
    section, other = make_section(), make_organisation()
    page = make_news(section)
    before = page.url
    with django_capture_on_commit_callbacks(execute=True):
        section.move(other, "last-child")
    assert _leads_to(client, before, page)
