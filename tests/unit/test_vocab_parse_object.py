"""What others publish: read in every form, cleaned, limited, and never attributed to another host."""

from datetime import UTC, datetime
from typing import Any

import pytest

from federation.errors import BadInput
from federation.vocab.parse import ParsedObject, parse_activity, parse_object
from federation.vocab.terms import PUBLIC
from tests.factories.documents import make_object, peer
from tests.factories.publications import ACTOR, CHANGED

NOTE = "https://a.example/notes/1"
ADA = "https://a.example/users/ada"


def note(**changed: Any) -> ParsedObject:
    document = {"id": NOTE, "type": "Note", "attributedTo": ADA, "content": "<p>x</p>", "to": [PUBLIC]}
    return parse_object({name: value for name, value in (document | changed).items() if value is not ...})


def embedded(name: str) -> ParsedObject:
    found = parse_activity(peer(name)).object
    assert found is not None
    return parse_object(found)


def test_a_note_of_mastodon_is_read() -> None:
    parsed = embedded("mastodon_create_note")
    assert (parsed.kind, parsed.owner) == ("Note", "https://mastodon.example/users/ada")
    assert parsed.in_reply_to == "https://hub.example/ap/objects/1"
    assert (parsed.language, parsed.url) == ("fr", "https://mastodon.example/@ada/1")
    assert parsed.published == datetime(2026, 5, 26, 16, 45, 48, tzinfo=UTC)
    (picture,) = parsed.media
    assert (picture.alt, picture.focus, picture.width) == ("A well", (0.1, -0.5), 640)


def test_an_article_of_ours_is_read() -> None:
    parsed = parse_object(make_object(updated=CHANGED))
    assert (parsed.kind, parsed.owner, parsed.language) == ("Article", ACTOR, "en")
    assert parsed.name == 'Wells & "rights"'
    assert parsed.summary == "What forty villages agreed on <in June>."
    assert parsed.updated == CHANGED
    assert parsed.content_html.startswith("<h2>Wells")
    (file,) = parsed.media
    assert (file.kind, file.media_type, file.alt) == ("Link", "application/pdf", "Minutes <final>")


def test_a_video_of_peertube_has_its_page_among_many_links_and_its_text_as_written() -> None:
    parsed = parse_object(peer("peertube_video"))
    assert parsed.url == "https://peertube.example/videos/watch/e794"
    assert parsed.owner == "https://peertube.example/accounts/kim"
    assert parsed.language == "en"
    assert parsed.content_html == "<p>See https://river.example/ &lt;b&gt;now&lt;/b&gt;</p>"


def test_an_event_of_mobilizon_belongs_to_the_group_not_the_person() -> None:
    parsed = parse_object(peer("mobilizon_event"))
    assert (parsed.kind, parsed.owner) == ("Event", "https://mobilizon.example/@river")
    assert parsed.language == "en"


def test_an_article_of_wordpress_has_no_time_zone_and_an_odd_language() -> None:
    parsed = parse_object(peer("wordpress_article"))
    assert parsed.published == datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
    assert parsed.language is None
    assert parsed.name == "Boats & nets"


def test_an_article_of_nodebb_has_nulls() -> None:
    parsed = parse_object(peer("nodebb_article"))
    assert (parsed.updated, parsed.in_reply_to) == (None, None)
    assert parsed.summary == "Welcome First topic."


def test_a_note_of_takahe_is_public_in_its_own_spelling() -> None:
    assert embedded("takahe_create_note").is_public


@pytest.mark.parametrize("recipients", [PUBLIC, "as:Public", "Public", [PUBLIC], [ADA, {"id": PUBLIC}]])
@pytest.mark.parametrize("member", ["to", "cc"])
def test_public_in_any_spelling_is_public(member: str, recipients: Any) -> None:
    assert note(**{"to": ..., member: recipients}).is_public


@pytest.mark.parametrize("recipients", [..., None, [], [ADA], "https://www.w3.org/ns/activitystreams#public", "public"])
def test_anything_else_is_not_public(recipients: Any) -> None:
    assert not note(to=recipients).is_public


def test_blind_recipients_make_nothing_public() -> None:
    assert not note(to=..., bto=[PUBLIC], bcc=[PUBLIC]).is_public


@pytest.mark.parametrize("given", [..., None, "x", ["https://a.example/1"]])
def test_an_object_without_id_is_refused(given: Any) -> None:
    with pytest.raises(BadInput) as refused:
        note(id=given)
    assert refused.value.sentence == "The object has no id."


def test_an_object_without_type_is_refused() -> None:
    with pytest.raises(BadInput, match="no type"):
        note(type=...)


@pytest.mark.parametrize(
    "owner", ["https://b.example/eve", [{"id": "https://b.example/eve"}], "http://a.example/users/ada"]
)
def test_an_author_on_another_host_is_refused(owner: Any) -> None:
    with pytest.raises(BadInput) as refused:
        note(attributedTo=owner)
    assert refused.value.sentence == "The object and its author are on different hosts."


def test_without_an_author_it_belongs_to_nobody() -> None:
    assert note(attributedTo=...).owner is None


def test_content_is_cleaned() -> None:
    assert note(content="<p onclick=x>a<script>b</script></p>").content_html == "<p>a</p>"


def test_content_may_stand_in_translations_only() -> None:
    parsed = note(content=..., contentMap={"fr": "<p>Eau</p>", "en": "<p>Water</p>"})
    assert (parsed.content_html, parsed.language) == ("<p>Eau</p>", "fr")


def test_the_language_is_that_of_the_translation_that_equals_the_content() -> None:
    assert note(content="<p>Water</p>", contentMap={"fr": "<p>Eau</p>", "en": "<p>Water</p>"}).language == "en"


@pytest.mark.parametrize("tag", ["und", "UND", "en_GB", "", "x" * 40, "1", "en--gb"])
def test_a_malformed_language_is_none(tag: str) -> None:
    assert note(contentMap={tag: "<p>x</p>"}).language is None


@pytest.mark.parametrize("media_type", ["text/html", "text/html; charset=utf-8", "TEXT/HTML", ...])
def test_html_is_read_as_html(media_type: Any) -> None:
    assert note(mediaType=media_type).content_html == "<p>x</p>"


@pytest.mark.parametrize("media_type", ["text/markdown", "text/plain", "text/x.misskeymarkdown"])
def test_other_text_is_shown_as_it_is_written(media_type: str) -> None:
    assert note(mediaType=media_type).content_html == "<p>&lt;p&gt;x&lt;/p&gt;</p>"


@pytest.mark.parametrize("content", [None, 5, {"a": 1}, ["", None], "<p>" * 300_000])
def test_content_that_cannot_be_read_is_empty(content: Any) -> None:
    assert note(content=content).content_html == ""


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00:00+02:00", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("2026-01-05T10:00:00.560996451Z", datetime(2026, 1, 5, 10, 0, 0, 560996, tzinfo=UTC)),
        ("2026-01-05T10:00:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        (" 2026-01-05T10:00:00Z ", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05", datetime(2026, 1, 5, tzinfo=UTC)),
        ("0000-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", datetime(1970, 1, 1, tzinfo=UTC)),
        ("-0044-03-15T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("1969-12-31T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59-12:00", datetime(9999, 12, 30, tzinfo=UTC)),
        ("12026-01-05T10:00:00Z", datetime(9999, 12, 30, tzinfo=UTC)),
        ("yesterday", None),
        ("2026-13-45", None),
        ("", None),
        (1767607200, None),
        (None, None),
    ],
)
def test_dates_are_read_with_patience_and_kept_within_what_a_database_holds(given: Any, read: datetime | None) -> None:
    assert note(published=given).published == read


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://a.example/p", "https://a.example/p"),
        ("/p", "https://a.example/p"),
        ({"type": "Link", "href": "https://a.example/p"}, "https://a.example/p"),
        (
            [{"type": "Link", "mediaType": "video/mp4", "href": "https://a.example/v"}, "https://a.example/p"],
            "https://a.example/p",
        ),
        ([{"type": "Link", "mimeType": "text/html", "href": "https://a.example/p"}], "https://a.example/p"),
        ("javascript:alert(1)", NOTE),
        ({"type": "Link", "mediaType": "video/mp4", "href": "https://a.example/v"}, NOTE),
        (None, NOTE),
        (5, NOTE),
    ],
)
def test_the_page_is_found_in_any_form(url: Any, read: str) -> None:
    assert note(url=url).url == read


def test_alternative_text_is_read_from_both_places() -> None:
    image = {"type": "Image", "url": "https://a.example/i.png"}
    parsed = note(attachment=[image | {"name": "n"}, image | {"summary": "s"}, image | {"name": "n", "summary": "s"}])
    assert [media.alt for media in parsed.media] == ["n", "s", "s"]


def test_a_single_attachment_need_not_be_a_list() -> None:
    assert len(note(attachment={"type": "Image", "url": "https://a.example/i.png"}).media) == 1


def test_numbers_may_be_strings() -> None:
    image = {"type": "Image", "url": "https://a.example/i.png", "width": "640", "height": "x", "focalPoint": ["0.5", 0]}
    (media,) = note(attachment=[image]).media
    assert (media.width, media.height, media.focus) == (640, None, (0.5, 0.0))


@pytest.mark.parametrize(
    "attachment",
    [
        {"type": "Image", "url": "javascript:alert(1)"},
        {"type": "Image"},
        {"type": "PropertyValue", "name": "n", "value": "v"},
        {"url": "https://a.example/i.png"},
        "https://a.example/i.png",
        None,
        5,
    ],
)
def test_an_attachment_that_cannot_be_shown_is_left_out(attachment: Any) -> None:
    assert note(attachment=[attachment]).media == ()


def test_an_address_of_media_may_be_a_list_of_links() -> None:
    link = {"type": "Link", "href": "https://a.example/v.mp4", "mediaType": "video/mp4"}
    (media,) = note(attachment=[{"type": "Video", "url": [link]}]).media
    assert (media.url, media.media_type) == ("https://a.example/v.mp4", "video/mp4")


def test_no_more_than_sixteen_attachments_are_kept() -> None:
    images = [{"type": "Image", "url": f"https://a.example/{number}.png"} for number in range(40)]
    assert len(note(attachment=images).media) == 16


@pytest.mark.parametrize("focus", [[2, 0], [0], [0, 0, 0], "0,0", None, [True, False]])
def test_a_focal_point_outside_the_picture_is_none(focus: Any) -> None:
    (media,) = note(attachment=[{"type": "Image", "url": "https://a.example/i.png", "focalPoint": focus}]).media
    assert media.focus is None


def test_a_reply_names_the_first_that_it_answers() -> None:
    assert note(inReplyTo=[{"id": "https://hub.example/1"}, "x"]).in_reply_to == "https://hub.example/1"


def test_a_tombstone_is_an_object_without_text() -> None:
    parsed = parse_object({"id": NOTE, "type": "Tombstone", "formerType": "Note"})
    assert (parsed.kind, parsed.owner, parsed.content_html) == ("Tombstone", None, "")


def test_a_poisoned_context_is_refused() -> None:
    with pytest.raises(BadInput):
        note(**{"@context": {"attributedTo": "as:actor"}})
