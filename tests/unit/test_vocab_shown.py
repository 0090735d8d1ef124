"""What peers make of a document, from the document alone."""

from __future__ import annotations

from typing import Any

import pytest

from federation.contract import Audience, Card, Form, Remark, Showing, ShownPicture
from federation.vocab.shown import shown_by_gotosocial, shown_by_mastodon, shown_to_readers
from tests.factories.documents import make_actor, make_object
from tests.factories.publications import HUB, make_picture

ACTOR = make_actor()
WELL = ShownPicture(f"{HUB}/media/images/well.width-1200.jpg", "Two women at a well")
ALL = [shown_by_mastodon, shown_to_readers, shown_by_gotosocial]
PAGE = f"{HUB}/partner/reports/wells/"


@pytest.mark.parametrize("show", ALL)
def test_everybody_sees_who_says_it_in_which_language_and_where_it_leads(show: Any) -> None:
    shown = show(make_object(), ACTOR)
    assert (shown.name, shown.handle) == ("Partner for Water", "@partner@hub.example")
    assert (shown.avatar, shown.language, shown.link) == (f"{HUB}/media/images/logo.png", "en", PAGE)


@pytest.mark.parametrize("show", ALL)
def test_a_profile_without_name_and_picture_is_called_by_its_handle(show: Any) -> None:
    actor = {name: value for name, value in make_actor(avatar=None).items() if name != "name"}
    assert (show(make_object(), actor).name, show(make_object(), actor).avatar) == ("partner", "")


@pytest.mark.parametrize("show", ALL)
def test_nothing_that_runs_is_ever_shown(show: Any) -> None:
    """Whatever got into a document. Fails if the text is taken over as it is."""
    document = make_object(form=Form.NOTE) | {
        "content": "<p onclick=x()>a<script>b</script><img src=x onerror=y()></p>"
    }
    assert "script" not in show(document, ACTOR).html
    assert "on" not in show(document, ACTOR).html.replace("nofollow noopener", "")


@pytest.mark.parametrize("show", ALL)
@pytest.mark.parametrize(("audience", "quiet"), [(Audience.PUBLIC, False), (Audience.QUIET, True)])
def test_what_is_quiet_is_shown_as_quiet(show: Any, audience: Audience, quiet: bool) -> None:
    assert show(make_object(audience=audience), ACTOR).is_quiet is quiet


def test_mastodon_shows_headline_summary_and_link_of_an_article_and_not_its_text() -> None:
    shown = shown_by_mastodon(make_object(title="Wells", summary="Forty villages agreed."), ACTOR)
    assert shown.html == (
        "<p><strong>Wells</strong></p><p>Forty villages agreed.</p>"
        f'<p><a href="{PAGE}" rel="nofollow noopener ugc">hub.example/partner/reports/we…</a></p>'
    )
    assert (shown.title, shown.warning) == ("", "")
    assert Remark.ONLY_SUMMARY in shown.remarks
    assert Remark.CHANGES_MISSED in shown.remarks


def test_mastodon_takes_a_title_for_markup() -> None:
    """It puts the name into HTML as it is (``processed_text``)."""
    assert shown_by_mastodon(make_object(title="Less <i>and</i> less"), ACTOR).html.startswith(
        "<p><strong>Less <i>and</i> less</strong></p>"
    )


def test_without_a_summary_mastodon_shows_only_headline_and_link() -> None:
    shown = shown_by_mastodon(make_object(summary=""), ACTOR)
    assert Remark.ONLY_HEADLINE in shown.remarks
    assert "agreed" not in shown.html


def test_mastodon_shows_the_whole_text_of_a_note_with_bold_headings_and_without_pictures() -> None:
    content = f'<p>Day one.</p><h3>Day two</h3><p><img src="{HUB}/x.jpg" alt="A map"></p>'
    shown = shown_by_mastodon(make_object(form=Form.NOTE, title="Wells", content=content, files=()), ACTOR)
    assert f'<p><strong><a href="{PAGE}" rel="nofollow noopener ugc">Wells</a></strong></p>' in shown.html
    assert "<p><strong>Day two</strong></p>" in shown.html
    assert "map" not in shown.html
    assert Remark.PICTURES_LEFT_OUT in shown.remarks


@pytest.mark.parametrize("form", list(Form))
def test_the_card_is_of_the_page_with_its_picture(form: Form) -> None:
    shown = shown_by_mastodon(make_object(form=form, title="Wells", summary="Forty villages agreed."), ACTOR)
    said = "Forty villages agreed." if form is Form.ARTICLE else ""
    assert shown.card == Card(PAGE, "Wells", said, WELL)
    assert Remark.CARD_FROM_PAGE in shown.remarks


def test_the_card_does_not_repeat_the_content_note() -> None:
    shown = shown_by_mastodon(make_object(content_note="Fire", summary="Forty villages agreed."), ACTOR)
    assert shown.card is not None
    assert shown.card.description == "Forty villages agreed."


def test_a_card_needs_no_picture() -> None:
    card = shown_by_mastodon(make_object(pictures=()), ACTOR).card
    assert card is not None
    assert card.image is None


def test_where_photos_are_attached_there_is_no_card() -> None:
    pictures = tuple(make_picture(url=f"{HUB}/{number}.jpg", alt=f"Photo {number}") for number in range(6))
    shown = shown_by_mastodon(make_object(showing=Showing.PHOTOS, pictures=pictures), ACTOR)
    assert shown.card is None
    assert shown.pictures == tuple(ShownPicture(f"{HUB}/{number}.jpg", f"Photo {number}") for number in range(4))


def test_mastodon_folds_a_note_behind_its_content_note() -> None:
    shown = shown_by_mastodon(make_object(form=Form.NOTE, content_note="Fire & smoke"), ACTOR)
    assert (shown.warning, shown.covers_pictures) == ("Fire & smoke", True)


def test_mastodon_folds_no_article_but_shows_its_content_note_first() -> None:
    shown = shown_by_mastodon(make_object(title="Wells", content_note="Fire"), ACTOR)
    assert (shown.warning, shown.covers_pictures) == ("", True)
    assert shown.html.startswith("<p><strong>Wells</strong></p><p>⚠️ Fire</p>")
    assert Remark.NOTE_NOT_FOLDED in shown.remarks


def test_a_reader_of_full_texts_shows_the_text_with_its_pictures_and_the_headline_twice() -> None:
    content = f'<p>Day one.</p><p><img src="{HUB}/x.jpg" alt="A map"></p>'
    shown = shown_to_readers(make_object(title="Wells", content=content), ACTOR)
    assert (shown.title, shown.warning) == ("Wells", "")
    assert shown.html.startswith("<h2>Wells</h2>")
    assert f'<img src="{HUB}/x.jpg" alt="A map">' in shown.html
    assert shown.remarks == (Remark.HEADLINE_TWICE,)


def test_a_reader_of_full_texts_folds_a_note_behind_its_content_note() -> None:
    shown = shown_to_readers(make_object(form=Form.NOTE, content_note="Fire"), ACTOR)
    assert (shown.title, shown.warning, shown.remarks) == ("", "Fire", ())


def test_gotosocial_folds_an_article_behind_its_summary() -> None:
    shown = shown_by_gotosocial(make_object(summary="Forty villages <agreed>."), ACTOR)
    assert shown.warning == "Forty villages <agreed>."
    assert "<h3>Day two</h3>" in shown.html
    assert (shown.card, shown.remarks) == (None, (Remark.SUMMARY_IS_WARNING,))


def test_gotosocial_folds_an_article_without_summary_behind_its_headline() -> None:
    shown = shown_by_gotosocial(make_object(title="Wells", summary=""), ACTOR)
    assert (shown.warning, shown.remarks) == ("Wells", (Remark.HEADLINE_IS_WARNING,))


def test_gotosocial_folds_a_note_only_behind_a_content_note() -> None:
    assert shown_by_gotosocial(make_object(form=Form.NOTE), ACTOR).warning == ""
    assert shown_by_gotosocial(make_object(form=Form.NOTE, content_note="Fire"), ACTOR).warning == "Fire"


def test_gotosocial_leaves_pictures_in_the_text_out() -> None:
    shown = shown_by_gotosocial(make_object(content=f'<p><img src="{HUB}/x.jpg" alt="A map"></p>'), ACTOR)
    assert "<img" not in shown.html
    assert Remark.PICTURES_LEFT_OUT in shown.remarks
