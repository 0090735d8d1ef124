"""Keys of pages and publishers."""

from uuid import UUID

import pytest

from cms.keys import organisation_key, page_key, page_pk, translation_key

NUMBER = UUID("6f1c0b0e-0000-4000-8000-000000000001")


def test_a_page_key_leads_back_to_its_page() -> None:
    assert page_pk(page_key(17)) == 17


@pytest.mark.parametrize("key", ["", "page:", "page:x", "page:-1", "page:1 ", "site", "page:٣", f"page:{'9' * 30}"])
def test_what_is_no_page_key_leads_nowhere(key: str) -> None:
    assert page_pk(key) is None


def test_an_organisation_key_leads_back_to_its_organisation() -> None:
    assert translation_key(organisation_key(NUMBER)) == NUMBER


@pytest.mark.parametrize("key", ["", "organisation:", "organisation:7", "site", f"page:{NUMBER}"])
def test_what_is_no_organisation_key_leads_nowhere(key: str) -> None:
    assert translation_key(key) is None
