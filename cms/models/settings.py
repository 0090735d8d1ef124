"""What a hub says about itself as a whole."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms import partners
from cms.handles import SITE_HANDLE, problem_with
from cms.keys import SITE

from .handles import HANDLE_LENGTH, valid_handle
from .profile import ProfileChoices


@register_setting(icon="site")
class SiteSettings(ProfileChoices, BaseSiteSetting):
    name = models.CharField(_("name of the site"), max_length=120, blank=True)
    handle = models.CharField(
        _("handle"),
        max_length=HANDLE_LENGTH,
        default=SITE_HANDLE,
        validators=[valid_handle],
        help_text=_("The name under which people follow the site itself."),
    )
    summary = models.TextField(_("summary"), blank=True, max_length=500, validators=[MaxLengthValidator(500)])
    logo = models.ForeignKey(
        "cms.CustomImage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("logo")
    )
    header = models.ForeignKey(
        "cms.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("header picture"),
    )
    contact = models.EmailField(_("contact address"), blank=True)
    notice = models.CharField(
        _("notice on every page"), max_length=255, blank=True, help_text=_("For example that this is a demonstration.")
    )
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    panels = [
        FieldPanel("name"),
        FieldPanel("summary"),
        FieldPanel("notice"),
        FieldPanel("contact"),
        MultiFieldPanel([FieldPanel("logo"), FieldPanel("header")], heading=_("Appearance")),
        MultiFieldPanel([FieldPanel("handle")], heading=_("Sharing (Mastodon and others)")),
        MultiFieldPanel(
            [FieldPanel("discoverable"), FieldPanel("indexable"), FieldPanel("author_hosts")], heading=_("Being found")
        ),
        MultiFieldPanel([FieldPanel("approves_followers"), FieldPanel("welcome_hosts")], heading=_("Followers")),
    ]

    class Meta:
        verbose_name = _("site")

    def clean(self) -> None:
        super().clean()
        problem = problem_with(self.handle, SITE)
        if problem:
            raise ValidationError({"handle": problem})

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        if self.site.is_default_site:  # one federated host: only the default site has a publisher
            partners.claim_handle(self.handle, SITE)
