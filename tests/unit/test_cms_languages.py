"""Tags and names of languages."""

import pytest
from django.core.exceptions import ValidationError

from cms.languages import bcp47, check_tags, language_choices, language_name


@pytest.mark.parametrize(
    ("code", "tag"), [("en", "en"), ("en-gb", "en-GB"), ("sr-latn", "sr-Latn"), ("zh-hans", "zh-Hans")]
)
def test_django_codes_become_well_spelt_tags(code: str, tag: str) -> None:
    assert bcp47(code) == tag


@pytest.mark.parametrize(("tag", "name"), [("mk", "Macedonian"), ("cnr", "Montenegrin"), ("xx", "xx"), ("", "")])
def test_a_language_has_a_name_where_one_is_known(tag: str, name: str) -> None:
    assert language_name(tag) == name


def test_languages_of_the_network_can_be_chosen() -> None:
    assert {"en", "sr", "mk", "ro", "ve"} <= {tag for tag, _ in language_choices()}


def test_a_list_of_tags_is_accepted() -> None:
    check_tags("en, sr-Latn,pt-BR")


def test_a_name_instead_of_a_tag_is_refused() -> None:
    with pytest.raises(ValidationError, match="English"):
        check_tags("en, English")
