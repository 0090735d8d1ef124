"""Forms of two-factor login."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from cms.models import GroupRule


def _code_field(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class ShowForm(forms.Form):
    code = _code_field(_("The six digits that your app shows now, or one of your recovery codes."))


class SetUpForm(forms.Form):
    code = _code_field(_("The six digits that your app shows now."))
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("So that nobody else does this at a screen that you left open."),
    )


class GroupRuleForm(forms.ModelForm):
    """Stands on Wagtail's form of a group, among its permissions. Wagtail hands it the group as ``instance``."""

    class Meta:
        model = GroupRule
        fields = ["second_factor"]

    def __init__(self, data: Any = None, files: Any = None, instance: Any = None, prefix: str = "rule") -> None:
        self.group = instance
        found = GroupRule.objects.filter(group=instance).first() if instance is not None and instance.pk else None
        super().__init__(data, files, instance=found, prefix=prefix)

    def save(self, commit: bool = True) -> Any:
        self.instance.group = self.group
        return super().save(commit)

    def as_admin_panel(self) -> str:
        return render_to_string("cms/two_factor/group_panel.html", {"form": self})
