"""Parts of the organisation's editor that show how its profile stands elsewhere. They ask federation's desk, which
answers from its own tables: nothing here waits for another server."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.panels import InlinePanel, Panel

from cms.addresses import page_address
from cms.desk import desk
from cms.listings import own_content
from cms.scope import only_below


class OwnPagesFormSet(BaseChildFormSet):
    """Rows whose ``target`` is a page of the organisation's own: the number of any other can be sent by hand."""

    def clean(self) -> None:
        super().clean()
        own = own_content(self.instance)
        for row in self.forms:
            target = row.cleaned_data.get("target") if row.is_valid() and row not in self.deleted_forms else None
            if target is not None and not own.filter(pk=target.pk).exists():
                row.add_error("target", _("Only a page of this organisation can be pinned."))


class OwnPagesPanel(InlinePanel):
    """Rows that choose a page of the organisation's own as their ``target``."""

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = OwnPagesFormSet
        return options

    class BoundPanel(InlinePanel.BoundPanel):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if self.form is None or self.instance.pk is None:
                return
            for row in (*self.children, self.empty_child):
                row.form.fields["target"].widget.user_perms = only_below(self.instance)


class LinksBackPanel(Panel):
    """Whether the pages that the published lines name link back, and a button that has them looked at again."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/links_back.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk and self.instance.live)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            page = self.instance
            context["links"] = desk().links_back(page.publisher_key)
            context["profile"] = page_address(page)
            context["look_again"] = reverse("cms_links_back", args=[page.pk])
            return context
