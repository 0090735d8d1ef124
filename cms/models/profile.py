"""What an organisation, or the site itself, decides about its profile elsewhere: who may find it, which websites may
name it as their author, and who may follow."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import PageChooserPanel
from wagtail.models import Orderable

from cms.hosts import HostList, split_hosts

# With our own host a hundred: as many as other servers are known to read (AC-08).
MOST_AUTHOR_HOSTS = 99
MOST_WELCOME_HOSTS = 500

# As Wagtail's own models, which have no types: a checker that knew half of a page's bases would miss its managers.
_Model: Any = models.Model


class ProfileChoices(_Model):
    """The defaults are what every profile said before anybody could choose."""

    discoverable = models.BooleanField(
        _("suggest this profile to people"),
        default=True,
        help_text=_("Other servers may show it in their directories and recommend it."),
    )
    indexable = models.BooleanField(
        _("let posts be found"),
        default=True,
        help_text=_("Other servers may find the text of your posts when somebody searches there."),
    )
    author_hosts = models.TextField(
        _("other websites of yours"),
        blank=True,
        validators=[HostList(MOST_AUTHOR_HOSTS)],
        help_text=_(
            "Websites whose pages may name you as their author, one host on each line, for example blog.example.org."
            " Mastodon then shows you under links to those pages. This site is always among them."
        ),
    )
    approves_followers = models.BooleanField(
        _("approve followers by hand"),
        default=False,
        help_text=_(
            "Whoever wants to follow waits until you approve them, under Sharing → Followers to approve. It keeps"
            " nobody from reading: what you publish is public all the same. When you turn it off, all who wait are"
            " approved."
        ),
    )
    welcome_hosts = models.TextField(
        _("servers that need no approval"),
        blank=True,
        validators=[HostList(MOST_WELCOME_HOSTS)],
        help_text=_("For example those of your partners, one host on each line, such as social.example.org."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        self.author_hosts = "\n".join(split_hosts(self.author_hosts))
        self.welcome_hosts = "\n".join(split_hosts(self.welcome_hosts))


class PinnedPage(Orderable):
    """A page that the organisation's profile shows first. Whatever stands here, only its own is shown."""

    page = ParentalKey("cms.OrganisationPage", on_delete=models.CASCADE, related_name="pinned_pages")
    target = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+", verbose_name=_("page"))

    panels = [PageChooserPanel("target", ["cms.NewsPage", "cms.ReportPage", "cms.DocumentPage"])]

    class Meta(Orderable.Meta):
        verbose_name = _("pinned page")
        verbose_name_plural = _("pinned pages")

    def __str__(self) -> str:
        return str(self.target)
