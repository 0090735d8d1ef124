"""The rich text editor of the admin. It is Wagtail's own, which turns the markup of word processors into clean content,
and adds what that lacks: headings of every level stay headings, a table becomes a list, a line for each row, as other
servers are told of tables; and whoever pastes pictures is told that they have to be added by themselves, for each needs
a credit, a licence and words for those who cannot see it. That is done in the browser (``paste.js``).

What a program stored in such markup opens in the editor, too (``cms.tidying``), where Wagtail's would end with an
error. The settings name the class.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.admin.rich_text.editors.draftail.features import PluginFeature

from cms.tidying import tidied

_PASTING = PluginFeature(
    {
        "type": "commonwire-paste",
        "pictures": _(
            "Pictures were left out. Add each with a “Picture” block: there it gets its credit, its licence and its"
            " alternative text."
        ),
        "tables": _("Tables became lists. Figures that belong in columns go into a “Table” block."),
        "close": _("Close"),
    },
    js=["commonwire/admin/paste.js"],
    css={"all": ["commonwire/admin/panel.css"]},
)


class PastingTextArea(DraftailRichTextArea):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _PASTING.construct_options(self.options)
        self.plugins.append(_PASTING)

    def format_value(self, value: Any) -> Any:
        return super().format_value(tidied(value) if isinstance(value, str) else value)
