"""What the checks look at is what readers would find, in every kind of field and block."""

from __future__ import annotations

import json
from typing import Any

import pytest
from wagtail.models import Locale

from cms.checks.gather import gather
from cms.checks.piece import LeadsTo, Piece
from cms.checks.verdict import judge
from cms.models import AgendaDay, Attachment, Correction, NewsPage
from tests.factories.cms_media import make_document, make_image, make_private_collection
from tests.factories.cms_pages import home_page, make_news, make_organisation, make_private, make_report, make_section

pytestmark = pytest.mark.django_db


def _news(*blocks: tuple[str, Any], **fields: Any) -> NewsPage:
    return make_news(body=json.dumps([{"type": kind, "value": value} for kind, value in blocks]), **fields)


def _links(piece: Piece) -> list[tuple[str, LeadsTo]]:
    return [(link.words, link.leads_to) for link in piece.links]


def test_links_of_all_kinds_lead_where_readers_find_them() -> None:
    """Fails if a draft, a private page or what is gone counts as somewhere."""
    public, draft, private, gone = make_news(), make_news(live=False), make_news(), make_news()
    make_private(private)
    paper, secret = make_document(), make_document(collection=make_private_collection())
    pages = "".join(f'<a linktype="page" id="{p.pk}">{word}</a>' for p, word in ((public, "a"), (draft, "b")))
    pages += f'<a linktype="page" id="{private.pk}">c</a><a linktype="page" id="{gone.pk}">d</a>'
    papers = f'<a linktype="document" id="{paper.pk}">e</a><a linktype="document" id="{secret.pk}">f</a>'
    papers += '<a linktype="document" id="99999999">g</a>'
    hrefs = '<a href="https://example.org">h</a><a href="http://">i</a><a href="">j</a>'
    gone.delete()
    page = _news(("paragraph", f"<p>{pages}{papers}{hrefs}</p>"))
    found = dict(_links(gather(page)))
    assert found == {
        "a": LeadsTo.SOMEWHERE,
        "b": LeadsTo.NO_PAGE,
        "c": LeadsTo.NO_PAGE,
        "d": LeadsTo.NO_PAGE,
        "e": LeadsTo.SOMEWHERE,
        "f": LeadsTo.PRIVATE_DOCUMENT,
        "g": LeadsTo.NO_DOCUMENT,
        "h": LeadsTo.SOMEWHERE,
        "i": LeadsTo.NO_ADDRESS,
        "j": LeadsTo.NO_ADDRESS,
    }


def test_a_draft_may_link_to_itself() -> None:
    page = make_news(live=False)
    page.body = json.dumps([{"type": "paragraph", "value": f'<a linktype="page" id="{page.pk}">above</a>'}])
    assert _links(gather(page)) == [("above", LeadsTo.SOMEWHERE)]


def test_pictures_are_found_at_the_top_and_in_blocks() -> None:
    lead, figure, poster = make_image(title="Lead"), make_image(title="Figure"), make_image(title="Poster")
    embed = {"url": "https://youtu.be/abcdefghijk", "title": "x", "poster": poster.pk}
    page = _news(("figure", {"image": figure.pk}), ("embed", embed), lead_image=lead)
    found = {picture.title: (picture.place.field, picture.place.path) for picture in gather(page).pictures}
    assert found == {"Lead": ("lead_image", ()), "Figure": ("body", (0, "image")), "Poster": ("body", (1, "poster"))}


def test_documents_are_found_in_rows_and_in_blocks() -> None:
    attached, listed = make_document(title="Attached"), make_document(title="Listed")
    transcript = make_document(title="Transcript", collection=make_private_collection())
    embed = {"url": "https://youtu.be/abcdefghijk", "title": "x", "transcript": transcript.pk}
    page = _news(("documents", {"documents": [listed.pk]}), ("embed", embed))
    page.attachments = [Attachment(document=attached)]
    found = {(paper.title, paper.place.rows, paper.place.path, paper.is_private) for paper in gather(page).papers}
    assert found == {
        ("Attached", "attachments", (), False),
        ("Listed", "", (0, "documents", 0), False),
        ("Transcript", "", (1, "transcript"), True),
    }


def test_words_are_found_everywhere_but_in_quotations() -> None:
    """Fails if a kind of block is forgotten, or somebody's own words are judged."""
    table = {
        "columns": [{"type": "text", "heading": ""}],
        "rows": [{"values": ["in a table yesterday"]}],
        "caption": "",
    }
    page = make_report(title="In a title", summary="In a summary", lead_caption="In a caption")
    blocks = [
        ("heading", {"text": "In a heading", "level": "h2"}),
        ("paragraph", "<p>In a text</p><blockquote>Quoted in a text</blockquote>"),
        ("quote", {"text": "Quoted", "name": "Said by"}),
        ("callout", {"title": "In a call-out", "text": "<p>Of a call-out</p>"}),
        ("table", table),
        ("key_figures", [{"value": "9", "label": "In a figure", "source": ""}]),
    ]
    page.body = json.dumps([{"type": kind, "value": value} for kind, value in blocks])
    item = {"title": "In an item", "text": "<p>Of an item</p>"}
    page.agenda_days = [AgendaDay(title="In a day", items=json.dumps([{"type": "item", "value": item}]))]
    page.corrections = [Correction(text="In a correction")]
    words = {text.words.strip() for text in gather(page).texts}
    wanted = {"In a title", "In a summary", "In a caption", "In a heading", "In a text", "Said by", "In a call-out"}
    wanted |= {"Of a call-out", "In a table yesterday".replace("In", "in"), "In a figure", "In an item", "Of an item"}
    assert wanted | {"In a day", "In a correction"} <= words
    assert not {word for word in words if word.startswith("Quoted")}


def test_what_is_private_from_above_is_not_open() -> None:
    section = make_section()
    page = make_news(section)
    assert gather(page).is_open
    make_private(section)
    assert not gather(page).is_open
    assert not gather(NewsPage(title="New", locale=section.locale), parent=section).is_open


def test_the_language_is_the_pages() -> None:
    german = Locale.objects.create(language_code="de-at")
    page = NewsPage(title="Neues von gestern", locale=german)
    assert [finding.check for finding in judge(gather(page, parent=home_page())).warnings] == ["relative-date"]


def test_all_types_of_pages_are_read() -> None:
    """Fails if only content pages are: an organisation has a picture, too."""
    organisation = make_organisation(logo=make_image(description=""))
    assert [finding.check for finding in judge(gather(organisation)).errors] == ["alternative-text"]
    assert not judge(gather(home_page()))
