"""What a text loses that links to what it may not."""

from __future__ import annotations

from wagtail.models import Page

from cms.models import CustomDocument, CustomImage
from cms.references import Reference, allowed_text

LINK = '<p>See <a id="7" linktype="page">the <b>plan</b></a>.</p>'
DOCUMENT = '<p><a id="7" linktype="document">paper</a></p>'
PICTURE = '<p>Before</p><embed alt="x" embedtype="image" format="left" id="7"/><p>after</p>'


def _never(reference: Reference) -> bool:
    return False


def test_a_link_keeps_its_words_and_loses_its_target() -> None:
    """Fails if the tag stays."""
    assert allowed_text(LINK, _never) == "<p>See the <b>plan</b>.</p>"
    assert allowed_text(DOCUMENT, _never) == "<p>paper</p>"


def test_a_picture_in_the_text_goes() -> None:
    """No text of ours takes pictures yet. Fails if only links are looked at."""
    assert allowed_text(PICTURE, _never) == "<p>Before</p><p>after</p>"


def test_what_is_allowed_stays_to_the_letter() -> None:
    """Fails if every text is written anew."""
    text = LINK + DOCUMENT + PICTURE + "<br/>&nbsp;"
    assert allowed_text(text, lambda reference: True) == text


def test_each_link_is_asked_for_by_its_kind() -> None:
    """Fails if the numbers of pages, documents and images are mixed up."""
    asked: list[Reference] = []

    def note(reference: Reference) -> bool:
        asked.append(reference)
        return True

    allowed_text(LINK + DOCUMENT + PICTURE, note)
    assert set(asked) == {(Page, "7"), (CustomDocument, "7"), (CustomImage, "7")}


def test_links_to_the_world_are_not_asked_for() -> None:
    """Fails if an address without a number is taken for one."""
    text = '<p><a href="https://example.org/">there</a></p>'
    assert allowed_text(text, _never) == text
