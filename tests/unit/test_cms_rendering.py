"""Bodies as readers elsewhere get them."""

from typing import Any

import pytest

from cms.blocks import AgendaBlock, BodyBlock
from cms.plain_html import TAGS, plain_html
from cms.rendering import RENDERERS, render


def _render(kind: str, value: Any, stream: Any = None) -> str:
    block = stream or BodyBlock()
    return str(render(block.to_python([{"type": kind, "value": value}])))


def test_every_block_type_has_a_rendering() -> None:
    assert set(RENDERERS) == {*BodyBlock().child_blocks, *AgendaBlock().child_blocks}


def test_every_block_type_has_a_template_of_its_own() -> None:
    blocks = {**BodyBlock().child_blocks, **AgendaBlock().child_blocks}
    assert [name for name, block in blocks.items() if not (block.meta.template or "").startswith("cms/blocks/")] == []


def test_no_block_takes_raw_html() -> None:
    assert [name for name, block in BodyBlock().child_blocks.items() if "raw" in type(block).__name__.lower()] == []


def test_the_editor_offers_only_what_survives_elsewhere() -> None:
    features = set(BodyBlock().child_blocks["paragraph"].features)
    assert features <= TAGS | {"bold", "italic", "link", "document-link"}


def test_a_heading_keeps_its_level_and_is_escaped() -> None:
    assert _render("heading", {"text": "Aid & <trade>", "level": "h3"}) == "<h3>Aid &amp; &lt;trade&gt;</h3>"


def test_a_quotation_names_who_spoke_in_which_role() -> None:
    html = _render("quote", {"text": "First\nsecond", "name": "Radu Moțoc", "role": "then director"})
    assert html == "<blockquote><p>First<br>second</p><p>— Radu Moțoc, then director</p></blockquote>"


def test_a_table_becomes_a_list_with_a_line_for_each_row() -> None:
    table = {
        "caption": "Partners",
        "columns": [{"type": "text", "heading": "Country"}, {"type": "number", "heading": "Members"}],
        "rows": [{"values": ["Latvia", 7]}, {"values": ["Hungary", None]}],
    }
    assert _render("table", table) == (
        "<p><strong>Partners</strong></p>"
        "<ul><li>Country: Latvia, Members: 7</li><li>Country: Hungary, Members: –</li></ul>"
    )


def test_key_figures_become_a_list() -> None:
    figures = [{"value": "40", "label": "participants", "source": "BCSDN"}]
    assert _render("key_figures", figures) == "<ul><li><strong>40</strong> participants (BCSDN)</li></ul>"


def test_a_video_becomes_a_link_and_no_frame() -> None:
    html = _render("embed", {"url": "https://youtu.be/abc", "title": "The launch", "poster": None, "transcript": None})
    assert html == '<p><a href="https://youtu.be/abc">The launch (youtu.be)</a></p>'


def test_an_agenda_item_tells_time_title_and_speakers() -> None:
    item = {"start": "09:30", "end": "11:00", "title": "AI & us", "speakers": "Nicole Moglia", "text": "<p>More</p>"}
    html = _render("item", item, AgendaBlock())
    assert html == "<p><strong>09:30–11:00 AI &amp; us</strong><br>Nicole Moglia</p><p>More</p>"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<p><b>bold</b> and <i>italic</i></p>", "<p><strong>bold</strong> and <em>italic</em></p>"),
        ("<h1>Big</h1><h5>Small</h5>", "<h2>Big</h2><h4>Small</h4>"),
        ('<p class="x" style="color:red" onclick="y()">a</p>', "<p>a</p>"),
        ("<p>a<!-- hidden -->b</p>", "<p>ab</p>"),
        ('<p><img src="https://x.example/i.png">words</p>', "<p>words</p>"),
        ('<p><a href="/about/">us</a></p>', '<p><a href="https://hub.example/about/">us</a></p>'),
        ('<p><a href="mailto:a@b.example">write</a></p>', '<p><a href="mailto:a@b.example">write</a></p>'),
        ('<p><a href="javascript:alert(1)">no</a></p>', "<p>no</p>"),
        ("<p><a>gone</a></p>", "<p>gone</p>"),
    ],
)
def test_rich_text_keeps_only_what_survives(source: str, html: str) -> None:
    assert plain_html(source) == html
