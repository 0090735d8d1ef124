"""The forms of partners in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.utils import get_user_display_name
from wagtail.images.widgets import AdminImageChooser

from cms.models import CustomImage, Departure, OrganisationPage, User
from cms.scope import choosable_files

from .invitations import MOST_AT_ONCE

LIVE, DRAFT = "live", "draft"


class EmailLines(forms.CharField):
    """E-mail addresses, one per line. Cleaned to a list that names each once."""

    widget = forms.Textarea(attrs={"rows": 4, "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]
        found = {line.lower(): line for line in lines}
        if len(found) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(most)d at once."), params={"most": MOST_AT_ONCE})
        for line in found.values():
            try:
                validate_email(line)
            except forms.ValidationError:
                raise forms.ValidationError(_("“%(line)s” is no e-mail address."), params={"line": line}) from None
        return list(found.values())


class InviteForm(forms.Form):
    emails = EmailLines(
        label=_("E-mail addresses"),
        help_text=_("One per line. Everybody gets a link of their own, with which they can join."),
    )


STAY, HIDE = "stay", "hide"


class LeaveForm(forms.Form):
    """Each choice says what it would do now."""

    content = forms.ChoiceField(
        label=_("What becomes of its page and everything below it?"), choices=[], widget=forms.RadioSelect
    )

    def __init__(self, pages: int, shared: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stay = ngettext(
            "It stays public. Readers go on finding %d page, and nothing is sent to anybody.",
            "It stays public. Readers go on finding %d pages, and nothing is sent to anybody.",
            pages,
        )
        hide = ngettext(
            "It is unpublished. %d page disappears from this site.",
            "It is unpublished. %d pages disappear from this site.",
            pages,
        )
        gone = ngettext(
            "%d post is removed from Mastodon and others, with its boosts and replies there; some copies may remain. "
            "Publishing again makes a new post.",
            "%d posts are removed from Mastodon and others, with their boosts and replies there; some copies may "
            "remain. Publishing again makes new posts.",
            shared,
        )
        hidden = f"{hide % pages} {gone % shared}" if shared else hide % pages
        content: Any = self.fields["content"]
        content.choices = [(STAY, stay % pages), (HIDE, hidden)]


class ReturnForm(forms.Form):
    """Which of the former editors are editors again: all who still have an account, unless somebody says so."""

    people = forms.ModelMultipleChoiceField(
        label=_("Editors again"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, departure: Departure, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people: Any = self.fields["people"]
        people.queryset = departure.members.filter(is_active=True).order_by("last_name", "username")
        people.initial = people.queryset
        people.label_from_instance = get_user_display_name


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

    emails = EmailLines(
        label=_("People to invite"),
        required=False,
        help_text=_("E-mail addresses, one per line. Each gets a link to choose a password and to begin with."),
    )

    class Meta:
        model = OrganisationPage
        fields = ["title", "kind", "country", "languages", "summary", "logo", "handle", "share_by_default"]
        labels = {"title": _("Name")}
        # The logo's by name: which one Wagtail has for images, it says only later.
        widgets = {
            "title": forms.TextInput,
            "summary": forms.Textarea(attrs={"rows": 4}),
            "logo": AdminImageChooser,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].help_text = _("As readers know the organisation.")
        self.fields["logo"].queryset = choosable_files(self.for_user, CustomImage)
