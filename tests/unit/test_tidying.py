"""Texts that a program stored in the markup of word processors open in the editor, clean."""

from __future__ import annotations

import re

import pytest
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from cms.blocks.text import PARAGRAPH_FEATURES
from cms.pasting import PastingTextArea
from cms.tidying import tidied
from config.env import BASE_DIR

FIXTURES = sorted((BASE_DIR / "tests" / "vectors" / "paste").glob("*.html"))
CLEAN = (
    "<h2>Why now</h2>"
    '<p>The wells of <b>six</b> villages <i>ran dry</i>. See <a href="https://other.example/report">the report</a>.</p>'
    "<ul><li>Wells</li><li>Pipes</li></ul><ol><li>Ask</li><li>Dig</li></ol>"
    "<p><b>Village</b>, <b>Wells</b></p><p>Kuldīga, 6</p><p>Nobody asked.</p>"
)


def _opened_and_saved(html: str) -> str:
    """What the field stores after an editor opened the page and saved it, without the keys that Wagtail adds."""
    widget = PastingTextArea(features=PARAGRAPH_FEATURES)
    saved = widget.value_from_datadict({"text": widget.format_value(html)}, {}, "text")
    return re.sub(r' data-block-key="\w+"', "", str(saved))


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_document_becomes_headings_lists_links_and_emphasis(path) -> None:
    """Fails with an error or with rubbish, if Wagtail's converter gets the document as it is."""
    assert _opened_and_saved(path.read_text()) == CLEAN


OWN = [
    '<h3 data-block-key="a1">Head</h3><p data-block-key="b2">Text <code>x</code><br/>more</p><hr/>',
    '<p><a linktype="page" id="7">words</a> and <a linktype="document" id="8">more</a></p>',
    '<blockquote data-block-key="c3">Said</blockquote><p></p>',
    "",
]


@pytest.mark.parametrize("html", OWN)
def test_what_the_editor_wrote_stays_as_it_is(html: str) -> None:
    assert tidied(html) == html


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("<h1>Title</h1><div>x</div>", "<h2>Title</h2>x"),
        ("<h6>Small</h6><p><u>x</u></p>", "<h4>Small</h4><p>x</p>"),
        ("<div><p onclick='x()' style='color:red'>x</p></div>", "<p>x</p>"),
        ("<p>a<script>alert(1)</script><img src='file:///c:/x.png'></p>", "<p>a</p>"),
        ("<div><a href='/x' target='_blank' onclick='y'>x</a></div>", '<a href="/x">x</a>'),
        ("<table><tr></tr><tr><td>a</td></tr></table>", "<p>a</p>"),
    ],
)
def test_any_other_markup_keeps_its_words(given: str, wanted: str) -> None:
    assert tidied(given) == wanted


ODD = [
    "<b><p>x</p></b>",
    "<a href='/x'><h2>x</h2></a>",
    "<table><tr><td><ul><li>a</li></ul></td></tr></table>",
    "<font><p>x</font>",
    "<li>x",
    "<p>a<p>b",
    "</p>",
]


@pytest.mark.parametrize("html", ODD)
def test_wagtail_reads_what_is_left_of_odd_markup(html: str) -> None:
    ContentstateConverter(PARAGRAPH_FEATURES).from_database_format(tidied(html))
