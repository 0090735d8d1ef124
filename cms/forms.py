"""Forms of the page editor."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms import WagtailAdminPageForm


class ShareableForm(WagtailAdminPageForm):
    """Proposes on a new page what its organisation set. The editor sees and may change it; nothing else is shared by
    itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.parent_page is not None and "share" in self.fields:
            organisation = getattr(self.parent_page.specific, "organisation", None)
            if organisation is not None:
                self.initial["share"] = organisation.share_by_default
