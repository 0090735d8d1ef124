"""What the editor of a page sends: the form of a news page as the browser fills it in."""

from __future__ import annotations

from typing import Any

from django.test import Client
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

ROWS = ("attachments", "credits", "related_pages", "corrections", "comments")


def news_form(button: str = "action-publish", **changes: Any) -> dict[str, Any]:
    """``button`` is the one that was pressed, as ``name`` or ``name=value``; none for an empty one. ``body`` is a list
    of blocks."""
    rows = {name: inline_formset(changes.pop(name, [])) for name in ROWS}
    fields = {
        "title": "Our piece",
        "slug": "our-piece",
        "summary": "What happened.",
        "published_on": "2026-03-01",
        "place": "",
        "lead_image": "",
        "lead_caption": "",
        "form": "",
        "showing": "link",
        "quotes": "anybody",
        "replies": "anybody",
        "audience": "public",
        "share": "on",
    }
    body = {"body": streamfield(changes.pop("body", []))}
    name, _sign, value = button.partition("=")
    pressed = {name: value or "1"} if button else {}
    filled = nested_form_data(fields | rows | body | changes | pressed)
    return {name: value for name, value in filled.items() if value is not None}


def paragraph(html: str) -> tuple[str, str]:
    """A block of text, as the browser sends it."""
    return "paragraph", rich_text(html, features=["link", "document-link", "blockquote", "bold"])


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client
