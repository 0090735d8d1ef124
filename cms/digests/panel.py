"""“Mails” on the account page, beside Wagtail's own notifications about workflow."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.account import BaseSettingsPanel, notifications_tab

from cms.models import MailPreference
from cms.models.mails import Pace

from .due import Kind
from .preferences import preference_of


class MailForm(forms.ModelForm):
    class Meta:
        model = MailPreference
        fields = [*map(str, Kind)]

    def save(self, commit: bool = True) -> Any:
        """Whoever wants to hear again is not told of all that happened in between."""
        stored = MailPreference.objects.get(pk=self.instance.pk)
        for name in self.changed_data:
            if getattr(stored, name) == Pace.OFF:
                setattr(self.instance, f"{name}_until", timezone.now())
        return super().save(commit)


class MailPanel(BaseSettingsPanel):
    name = "mails"
    title = _("Mails about your organisation")
    tab = notifications_tab
    order = 200
    form_class = MailForm
    template_name = "cms/digests/panel.html"

    def get_form(self) -> Any:
        preference = preference_of(self.user, timezone.now())
        sent = self.request.POST if self.request.method == "POST" else None
        return MailForm(sent, instance=preference, prefix=self.name)

    def get_context_data(self) -> dict[str, Any]:
        address = self.user.email
        where = (
            _t("They go to %(address)s.") % {"address": address} if address else _t("You have no e-mail address here.")
        )
        return super().get_context_data() | {"where": where}
