"""The panel “Sharing (Mastodon and others)” of the page editor: three controls in sight, the rest under “More”.

What others want to say to the editor in this panel, for example what publishing will do, they say through the hook
``cms_sharing_notes``: a function of the request and the page that returns a component of Wagtail's, or None.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets import AdminAutoHeightTextInput

from cms.suggestion import SUGGESTION_LENGTH

NOTES_HOOK = "cms_sharing_notes"
SUMMARY_LENGTH = 500


class SummaryInput(AdminAutoHeightTextInput):
    """Takes more than may be published: a browser that stops at the limit cuts a pasted text in silence, and a draft
    may be too long. The meter beside it says so."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        attrs.pop("maxlength", None)
        described = [attrs.get("aria-describedby", ""), meter_id(attrs.get("id", ""))]
        attrs["aria-describedby"] = " ".join(filter(None, described))
        return attrs | {"data-cw-summary-target": "input", "data-action": "cw-summary#count"}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """A browser sends a new line as two characters, which its meter counts as one."""
        value = super().value_from_datadict(data, files, name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else value


def meter_id(field_id: str) -> str:
    return f"{field_id}-meter" if field_id else ""


class SummaryPanel(FieldPanel):
    """The one summary of a page, with what is left of it and a suggestion made from the text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"widget": SummaryInput} | kwargs)

    class BoundPanel(FieldPanel.BoundPanel):
        template_name = "cms/panels/summary.html"

        class Media:
            css = {"all": ["commonwire/admin/panel.css"]}
            js = ["commonwire/admin/summary.js"]

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {
                "most": SUMMARY_LENGTH,
                "most_suggested": SUGGESTION_LENGTH,
                "meter_id": meter_id(self.id_for_label()),
                "suggest_url": reverse("cms_suggest_summary"),
            }


class ChoicePanel(FieldPanel):
    """Something is always chosen: a star would say that it is missing."""

    class BoundPanel(FieldPanel.BoundPanel):
        def is_required(self) -> bool:
            return False


class MorePanel(MultiFieldPanel):
    """Closed until somebody asks, or one of its fields has an error."""

    class BoundPanel(MultiFieldPanel.BoundPanel):
        template_name = "cms/panels/more.html"


class SharingPanel(MultiFieldPanel):
    """``alone`` is its name where federation is not installed, and only the summary is left in it."""

    def __init__(self, *args: Any, alone: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alone = alone

    def clone_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().clone_kwargs()
        return kwargs | {"alone": self.alone}

    class BoundPanel(MultiFieldPanel.BoundPanel):
        template_name = "cms/panels/sharing.html"

        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.form is not None and "share" not in self.form.fields:
                self.heading = self.panel.alone

        @cached_property
        def notes(self) -> list[Component]:
            found = (said(self.request, self.instance) for said in hooks.get_hooks(NOTES_HOOK))
            return [note for note in found if note is not None]

        @property
        def media(self) -> forms.Media:
            return sum((note.media for note in self.notes), super().media)


SHARING_PANELS = [
    SharingPanel(
        [
            FieldPanel("share", heading=_("Share this page")),
            SummaryPanel(
                "summary",
                heading=_("Summary"),
                help_text=_(
                    "What happened and why it matters. Followers see this first; it also opens the page and stands in"
                    " lists."
                ),
            ),
            ChoicePanel("showing", heading=_("What a timeline shows"), widget=forms.RadioSelect),
            MorePanel(
                [
                    ChoicePanel("form", heading=_("How it goes out")),
                    FieldPanel("content_note", heading=_("Content note")),
                    ChoicePanel("quotes", heading=_("Who may quote it")),
                    ChoicePanel("replies", heading=_("Who may reply")),
                    ChoicePanel("audience", heading=_("Who sees it")),
                    FieldPanel(
                        "website_only",
                        help_text=_(
                            "For touches to the layout, never for a correction. Mastodon and others keep what they have"
                            " until the next change."
                        ),
                    ),
                ]
            ),
        ],
        heading=_("Sharing (Mastodon and others)"),
        alone=_("Summary"),
        icon="site",
    ),
]
