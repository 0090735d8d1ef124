"""Renders bodies for readers elsewhere: other servers, feeds, e-mail. The site's own pages use templates.

What comes out is the HTML that known peers keep (FEP-b2b8, a subset for long texts): headings, paragraphs, lists,
quotations, emphasis, code and absolute links. A picture becomes its caption and credit, because the picture itself
travels beside the text; a video becomes a link. Every block type has an entry in ``RENDERERS``; a test fails without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.template.defaultfilters import filesizeformat, linebreaksbr
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cms.addresses import absolute
from cms.collections import public_documents, public_image
from cms.models import CustomDocument
from cms.plain_html import plain_html

NOTHING = SafeString("")


def render(stream: Iterable[Any]) -> SafeString:
    """A StreamField's value as HTML. Blocks that have nothing to say elsewhere leave nothing."""
    return join(RENDERERS[block.block_type](block.value) for block in stream)


def join(parts: Iterable[str]) -> SafeString:
    """Pieces of HTML one after the other; what is not marked as HTML is escaped."""
    return format_html_join("", "{}", ((part,) for part in parts))


def listing(items: Iterable[str]) -> SafeString:
    """A list of these lines; nothing for none."""
    lines = format_html_join("", "<li>{}</li>", ((item,) for item in items))
    return format_html("<ul>{}</ul>", lines) if lines else NOTHING


def file_facts(document: CustomDocument) -> str:
    """“PDF, 1.2 MB, 3 pages, English”."""
    size = filesizeformat(document.file_size or 0).replace("\xa0", " ")
    facts = (document.format_label, size, document.pages_text, document.language_name)
    return ", ".join(fact for fact in facts if fact)


def _heading(value: Any) -> SafeString:
    return format_html(_HEADINGS[value["level"]], value["text"])


_HEADINGS = {level: f"<{level}>{{}}</{level}>" for level in ("h2", "h3", "h4")}


def _paragraph(value: Any) -> SafeString:
    return plain_html(value.source)


def _quote(value: Any) -> SafeString:
    who = ", ".join(part for part in (value["name"], value["role"]) if part)
    source = format_html("<p>— {}</p>", who) if who else NOTHING
    return format_html("<blockquote><p>{}</p>{}</blockquote>", linebreaksbr(value["text"]), source)


def _figure(value: Any) -> SafeString:
    image = public_image(value["image"])
    if image is None or not value["caption"]:
        return NOTHING
    return format_html("<p><em>{} ({})</em></p>", value["caption"], image.credit)


def _documents(value: Any) -> SafeString:
    """The words of each link say what one gets (D7)."""
    shown = public_documents(document for document in value["documents"] if document)
    heading = format_html("<h3>{}</h3>", value["heading"]) if value["heading"] and shown else NOTHING
    lines = [
        format_html('<a href="{}">{} ({})</a>', absolute(document.url), document.title, file_facts(document))
        for document in shown
    ]
    return join([heading, listing(lines)])


def _callout(value: Any) -> SafeString:
    title = format_html("<p><strong>{}</strong></p>", value["title"]) if value["title"] else NOTHING
    return format_html("<blockquote>{}{}</blockquote>", title, plain_html(value["text"].source))


def _table(value: Any) -> SafeString:
    """As a list, a line for each row: peers drop the tags of a table and run its cells together."""
    heads = [column["heading"] for column in value.columns]
    rows = (zip(heads, (_cell(cell.value) for cell in row), strict=True) for row in value.rows)
    lines = [", ".join(f"{head}: {cell}" if head else cell for head, cell in row) for row in rows]
    caption = format_html("<p><strong>{}</strong></p>", value.caption) if value.caption else NOTHING
    return join([caption, listing(lines)])


def _cell(value: Any) -> str:
    if value in (None, ""):
        return "–"
    return value if isinstance(value, str) else str(number_format(value))


def _key_figures(value: Any) -> SafeString:
    return listing(
        format_html("<strong>{}</strong> {}", item["value"], _with_source(item["label"], item["source"]))
        for item in value
    )


def _with_source(text: str, source: str) -> str:
    return f"{text} ({source})" if source else text


def _embed(value: Any) -> SafeString:
    return format_html('<p><a href="{}">{} ({})</a></p>', value["url"], value["title"], value.embed.host)


def _agenda_item(value: Any) -> SafeString:
    times = "–".join(date_format(time, "H:i") for time in (value["start"], value["end"]) if time)
    head = format_html("<strong>{}</strong>", " ".join(part for part in (times, value["title"]) if part))
    speakers = format_html("<br>{}", value["speakers"]) if value["speakers"] else NOTHING
    text = plain_html(value["text"].source) if value["text"] else NOTHING
    return format_html("<p>{}{}</p>{}", head, speakers, text)


RENDERERS: dict[str, Callable[[Any], SafeString]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "quote": _quote,
    "figure": _figure,
    "documents": _documents,
    "callout": _callout,
    "table": _table,
    "key_figures": _key_figures,
    "embed": _embed,
    "item": _agenda_item,
}
