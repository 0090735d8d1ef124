"""The forms of partners in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from cms.models import CustomImage, OrganisationPage
from cms.scope import choosable_files

LIVE, DRAFT = "live", "draft"


class PartnerForm(WagtailAdminModelForm):
    """Everything that a new organisation needs on its first day; the rest is in its page."""

    start = forms.ChoiceField(
        label=_("Its page"),
        choices=[
            (LIVE, _("Public at once: readers see it, and its profile can be followed")),
            (DRAFT, _("Draft: its editors prepare it first, and publish it when it is ready")),
        ],
        initial=LIVE,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = OrganisationPage
        fields = ["title", "kind", "country", "languages", "summary", "logo", "handle", "share_by_default"]
        labels = {"title": _("Name")}
        widgets = {"title": forms.TextInput, "summary": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].help_text = _("As readers know the organisation.")
        self.fields["logo"].queryset = choosable_files(self.for_user, CustomImage)
