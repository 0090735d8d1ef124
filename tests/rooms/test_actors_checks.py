"""What the system check says about settings."""

from __future__ import annotations

from typing import Any

import pytest

from federation.checks import check_keys, check_source


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cms.publications.CmsSource", []),
        ("tests.factories.fake_source.FakeSource", []),
        ("cms.publications.Nothing", ["federation.E001"]),
        ("nowhere", ["federation.E001"]),
        ("federation.contract.NullDesk", ["federation.E002"]),
    ],
)
def test_the_source_has_to_answer_everything(settings: Any, path: str, expected: list[str]) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "SOURCE": path}
    assert [error.id for error in check_source(None)] == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), ["federation.E003"]),
        (("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",), []),
        (("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "a-secret-that-is-none"), ["federation.E004"]),
        (("é",), ["federation.E004"]),
    ],
)
def test_keys_have_to_be_fernet_keys(settings: Any, keys: tuple[str, ...], expected: list[str]) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "KEYS": keys}
    errors = check_keys(None)
    assert [error.id for error in errors] == expected
    assert not any("a-secret" in str(error) for error in errors)
