"""Whatever a page merely uses can be traced back to it: a changed image or document has to wake its pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from wagtail.models import ReferenceIndex

from cms.models import Attachment, Participant, RelatedPage
from tests.factories.cms_media import make_document, make_image
from tests.factories.cms_pages import make_news, make_organisation, make_report

pytestmark = pytest.mark.django_db


def _lead_image() -> tuple[Any, Any]:
    image = make_image()
    return image, make_news(lead_image=image)


def _figure() -> tuple[Any, Any]:
    image = make_image()
    return image, make_news(body=[("figure", {"image": image, "caption": ""})])


def _attachment() -> tuple[Any, Any]:
    document = make_document()
    return document, make_news(attachments=[Attachment(document=document)])


def _document_block() -> tuple[Any, Any]:
    document = make_document()
    return document, make_news(body=[("documents", {"heading": "", "documents": [document]})])


def _document_link() -> tuple[Any, Any]:
    document = make_document()
    return document, make_news(body=[("paragraph", f'<a linktype="document" id="{document.pk}">x</a>')])


def _participant() -> tuple[Any, Any]:
    organisation = make_organisation()
    return organisation, make_report(participant_rows=[Participant(chosen=organisation)])


def _related() -> tuple[Any, Any]:
    page = make_news()
    return page, make_news(related_pages=[RelatedPage(target=page)])


def _logo() -> tuple[Any, Any]:
    image = make_image()
    return image, make_organisation(logo=image)


USES = [_lead_image, _figure, _attachment, _document_block, _document_link, _participant, _related, _logo]


@pytest.mark.parametrize("make", USES, ids=lambda make: make.__name__.strip("_"))
def test_a_used_object_leads_back_to_its_page(make: Callable[[], tuple[Any, Any]]) -> None:
    used, page = make()
    found = ReferenceIndex.get_references_to(used).values_list("object_id", flat=True)
    assert str(page.pk) in set(found)
