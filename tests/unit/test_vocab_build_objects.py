"""Documents of publications: stored examples of each form, and the reason for each of their peculiarities."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from federation.contract import Audience, Form, Quotes, Replies, Showing, Topic
from federation.vocab import build
from federation.vocab.object_document import build_hashtag
from federation.vocab.parse import parse_object
from federation.vocab.terms import CONTEXT, PUBLIC
from tests.factories.documents import built_documents, make_object, stored
from tests.factories.publications import ACTOR, CHANGED, FOLLOWERS, HUB, OBJECT, make_file, make_picture

BUILT = built_documents()
WITHOUT_CONTEXT = {"webfinger", "nodeinfo_index", "nodeinfo_2_1"}


@pytest.mark.parametrize("name", BUILT)
def test_a_document_is_as_stored_and_in_the_stored_order(name: str) -> None:
    document = {member: value for member, value in BUILT[name].items() if member != "@context"}
    assert build.to_bytes(document) == build.to_bytes(stored(name))


@pytest.mark.parametrize("name", sorted(BUILT.keys() - WITHOUT_CONTEXT))
def test_a_document_of_its_own_has_the_stored_context(name: str) -> None:
    assert BUILT[name]["@context"] == stored("context")


@pytest.mark.parametrize("name", BUILT)
def test_nothing_is_null(name: str) -> None:
    assert b"null" not in build.to_bytes(BUILT[name])


@pytest.mark.parametrize("name", ["article", "note"])
def test_lists_are_lists_even_when_empty(name: str) -> None:
    form = Form.ARTICLE if name == "article" else Form.NOTE
    document = make_object(form=form, pictures=(), files=(), topics=())
    assert [document[member] for member in ("to", "cc", "attachment", "tag")] == [[PUBLIC], [FOLLOWERS], [], []]


def test_the_first_context_is_the_literal_string_that_mastodon_looks_for() -> None:
    assert CONTEXT[0] == "https://www.w3.org/ns/activitystreams"


def test_a_note_has_no_name_and_no_summary() -> None:
    # GoToSocial and Takahē would hide the text behind them as a content warning.
    document = make_object(form=Form.NOTE)
    assert not {"name", "nameMap", "summary", "summaryMap", "preview"} & document.keys()


def test_the_content_opens_with_the_title_as_a_heading() -> None:
    assert make_object()["content"].startswith('<h2>Wells &amp; "rights"</h2>')


def test_the_title_of_a_note_links_to_the_page() -> None:
    # Mastodon makes its card from the first link.
    assert make_object(form=Form.NOTE)["content"].startswith(f'<h2><a href="{HUB}/partner/reports/wells/">')


def test_the_content_ends_with_the_files() -> None:
    files = (
        make_file(),
        make_file(url=f"{HUB}/documents/2/", title="Table", media_type="text/csv", size=900, language=""),
    )
    assert make_object(files=files)["content"].endswith(
        f'(PDF, 2.4 MB, en)</li><li><a href="{HUB}/documents/2/">Table</a> (CSV, 900 B)</li></ul>'
    )


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 B"), (999, "999 B"), (1_000, "1 kB"), (1_550_000, "1.6 MB"), (2_000_000_000, "2 GB")]
)
def test_the_size_of_a_file_is_said_for_people(size: int, words: str) -> None:
    assert f"(PDF, {words}, en)" in make_object(files=(make_file(size=size),))["content"]


def test_a_file_of_unknown_kind_says_only_what_is_known() -> None:
    content = make_object(files=(make_file(media_type="application/x-own", language=""),))["content"]
    assert content.endswith("</a> (2.4 MB)</li></ul>")


def test_the_byline_follows_the_title() -> None:
    assert "</h2><p>Ama Example, Jo Example</p>" in make_object()["content"]


def test_the_title_is_text_in_the_name_and_escaped_in_the_content() -> None:
    document = make_object(title="<b>A & B</b>")
    assert document["name"] == "<b>A & B</b>"
    assert document["content"].startswith("<h2>&lt;b&gt;A &amp; B&lt;/b&gt;</h2>")


def test_the_summary_is_one_paragraph_of_text() -> None:
    assert make_object()["summary"] == "<p>What forty villages agreed on &lt;in June&gt;.</p>"


def test_a_summary_that_is_too_long_ends_at_a_word() -> None:
    summary = make_object(summary="word " * 200)["summary"]
    assert summary.endswith(" word…</p>")
    assert len(summary) <= 500 + len("<p></p>")


def test_without_a_summary_there_is_none() -> None:
    assert "summary" not in make_object(summary="")


def test_the_language_is_first_and_only_in_each_map() -> None:
    document = make_object(language="pt-BR")
    assert [list(document[name]) for name in ("contentMap", "nameMap", "summaryMap")] == [["pt-BR"]] * 3
    assert document["contentMap"]["pt-BR"] == document["content"]


@pytest.mark.parametrize("language", ["", "und", "en_GB", "x", "-", "english language"])
def test_a_malformed_language_is_left_out(language: str) -> None:
    assert not {"contentMap", "nameMap", "summaryMap"} & make_object(language=language).keys()


def test_with_a_link_preview_no_picture_is_attached_but_one_is_named() -> None:
    # One attached picture, and Mastodon shows no card.
    document = make_object(showing=Showing.LINK_PREVIEW)
    assert {item["type"] for item in document["attachment"]} == {"Link"}
    assert document["image"]["url"].endswith("well.width-1200.jpg")


@pytest.mark.parametrize("form", list(Form))
def test_the_page_is_the_first_link_that_is_attached(form: Form) -> None:
    """Mastodon 4.7 makes its card of that one, and none of a PDF. Fails if files stand alone or first."""
    page, *files = make_object(form=form)["attachment"]
    assert (page["href"], page["mediaType"]) == (f"{HUB}/partner/reports/wells/", "text/html")
    assert [file["type"] for file in files] == ["Link"]


def test_a_page_without_files_is_not_attached_to_itself() -> None:
    assert make_object(files=())["attachment"] == []


def test_of_many_photos_four_are_attached_before_the_files() -> None:
    pictures = tuple(make_picture(url=f"{HUB}/{number}.jpg") for number in range(6))
    document = make_object(showing=Showing.PHOTOS, pictures=pictures)
    assert [item["type"] for item in document["attachment"]] == ["Image"] * 4 + ["Link"]


def test_alternative_text_stands_where_each_peer_looks() -> None:
    image = make_object(showing=Showing.PHOTOS)["attachment"][0]
    assert image["name"] == image["summary"] == "Two women at a well"


def test_a_picture_without_alternative_text_has_no_empty_one() -> None:
    image = make_object(pictures=(make_picture(alt=""),))["image"]
    assert not {"name", "summary"} & image.keys()


@pytest.mark.parametrize(
    ("focus", "written"),
    [((0.0, -0.0), b"[0,0]"), ((1.0, -1.0), b"[1,-1]"), ((0.123456, 1e-9), b"[0.12,0]"), ((7, -7), b"[1,-1]")],
)
def test_a_focal_point_is_written_alike_by_everybody(focus: tuple[float, float], written: bytes) -> None:
    image = make_object(pictures=(make_picture(focus=focus),))["image"]
    assert build.to_bytes(image["focalPoint"]) == written


def test_a_licence_is_told_only_as_an_address() -> None:
    assert make_object()["image"]["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "license" not in make_object(pictures=(make_picture(licence="all rights reserved"),))["image"]


def test_times_are_utc_in_whole_seconds() -> None:
    east = timezone(timedelta(hours=3))
    document = make_object(updated=datetime(2026, 3, 2, 2, 0, 0, 999_999, tzinfo=east))
    assert document["published"] == "2026-03-01T09:30:15Z"
    assert document["updated"] == "2026-03-01T23:00:00Z"


def test_the_editorial_date_is_not_told_as_the_date_of_publication() -> None:
    # Mastodon keeps what is older than six hours out of home timelines.
    document = make_object(dated=datetime(2001, 1, 1, tzinfo=UTC))
    assert document["published"].startswith("2026-")


def test_what_never_changed_has_no_time_of_change() -> None:
    assert "updated" not in make_object()
    assert make_object(updated=CHANGED)["updated"] == "2026-03-02T09:00:00Z"


def test_everybody_may_quote_and_nothing_else_is_promised() -> None:
    assert make_object()["interactionPolicy"] == {"canQuote": {"automaticApproval": [PUBLIC]}}


@pytest.mark.parametrize(
    ("quotes", "allowed"), [(Quotes.ANYBODY, PUBLIC), (Quotes.FOLLOWERS, FOLLOWERS), (Quotes.NOBODY, ACTOR)]
)
def test_who_may_quote_is_said_in_one_name(quotes: Quotes, allowed: str) -> None:
    """Nobody is the author alone: an empty list is no policy at all to some readers (FEP-044f)."""
    assert make_object(quotes=quotes)["interactionPolicy"] == {"canQuote": {"automaticApproval": [allowed]}}


def test_that_nobody_may_reply_is_said_in_the_name_of_the_author() -> None:
    policy = make_object(replies=Replies.NOBODY)["interactionPolicy"]
    assert policy["canReply"] == {"automaticApproval": [ACTOR]}


@pytest.mark.parametrize("form", list(Form))
def test_what_is_quiet_is_for_followers_and_readable_by_everybody(form: Form) -> None:
    document = make_object(form=form, audience=Audience.QUIET)
    assert (document["to"], document["cc"]) == ([FOLLOWERS], [PUBLIC])
    assert parse_object(document).is_public


def test_a_content_note_is_the_warning_of_a_note() -> None:
    """In plain text: Mastodon shows it as it is."""
    document = make_object(form=Form.NOTE, content_note="Fire & smoke")
    assert (document["summary"], document["sensitive"]) == ("Fire & smoke", True)


def test_a_content_note_opens_the_abstract_of_an_article() -> None:
    document = make_object(content_note="Fire & smoke", summary="Forty villages agreed.")
    assert document["summary"] == "<p>⚠️ Fire &amp; smoke</p><p>Forty villages agreed.</p>"
    assert document["sensitive"] is True
    assert (document["preview"]["summary"], document["preview"]["sensitive"]) == ("Fire & smoke", True)


def test_a_content_note_stands_alone_where_there_is_no_abstract() -> None:
    assert make_object(content_note="Fire", summary="")["summary"] == "<p>⚠️ Fire</p>"


def test_note_and_abstract_together_are_no_longer_than_the_shortest_column_for_them() -> None:
    """Misskey keeps 512 characters, markup included, and fails on more. Fails if the abstract is cut by itself."""
    document = make_object(content_note="n" * 200, summary="word " * 99)
    assert len(document["summary"]) <= 512
    assert document["summary"].endswith(" word…</p>")


def test_without_a_content_note_nothing_is_sensitive() -> None:
    for form in Form:
        assert make_object(form=form)["sensitive"] is False


def test_no_counts_are_inside_what_is_signed() -> None:
    assert not {"likes", "shares", "replies"} & make_object().keys()


def test_the_preview_has_neither_id_nor_link() -> None:
    preview = make_object()["preview"]
    assert preview["type"] == "Note"
    assert "id" not in preview
    assert "href" not in preview["content"]


@pytest.mark.parametrize(
    ("name", "hashtag"),
    [
        ("climate justice", "#ClimateJustice"),
        ("SDG 6", "#SDG6"),
        ("Droit à l'eau", "#DroitÀLEau"),
        ("право на воду", "#ПравоНаВоду"),
        ("already#Tagged", "#AlreadyTagged"),
    ],
)
def test_a_topic_becomes_one_word(name: str, hashtag: str) -> None:
    tag: Any = build_hashtag(Topic(name, f"{HUB}/topics/1/"))
    assert tag["name"] == hashtag


@pytest.mark.parametrize("name", ["2030", "", "!!!"])
def test_a_topic_without_letters_is_no_hashtag(name: str) -> None:
    assert build_hashtag(Topic(name, f"{HUB}/topics/1/")) is None


def test_ids_are_what_was_given() -> None:
    assert make_object()["id"] == OBJECT
