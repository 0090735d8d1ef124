"""Columns that several lists of the admin share."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.html import format_html
from wagtail.admin.ui.tables import Column, TitleColumn


class AddressColumn(Column):
    """A link to somebody else's server, which learns nothing of where the editor came from."""

    def get_value(self, instance: Any) -> str:
        address = str(super().get_value(instance) or "")
        if not address.startswith(("https://", "http://")):
            return address
        shown = address.partition("://")[2]
        return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', address, shown)


class NextColumn(Column):
    """A moment to come: “in 6 hours”. Wagtail's own column looks back only, and says “just now” of everything else."""

    cell_template_name = "federation/admin/next_cell.html"


class RowColumn(TitleColumn):
    """The first column: leads to everything that is known of the row. ``viewset`` is the list's name."""

    def __init__(self, viewset: str, **kwargs: Any) -> None:
        super().__init__(viewset, get_url=lambda row: reverse(f"{viewset}:inspect", args=[quote(row.pk)]), **kwargs)


class PersonColumn(TitleColumn):
    """The first column of a list without pages of its own. ``kind`` is what the checkboxes call a row."""

    def __init__(self, kind: str, **kwargs: Any) -> None:
        super().__init__(kind, get_title_id=lambda row: f"{kind}_{quote(row.pk)}_title", **kwargs)
