"""What an editor wants to happen with a page outside of this site.

Intent is data: whether and how a page goes out are fields, so revisions, scheduling and workflow carry them like any
other text. The model's default is off, so an import or ``add_child`` shares nothing; only the editor's form proposes
what the organisation set (``cms.forms``). Nothing here sends anything.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cms.desk import desk
from cms.keys import page_key
from cms.panels import SHARING_PANELS
from federation.contract import Audience, Form, Quotes, Replies, Showing

from .organisation import Owned
from .rows import Correction

CONTENT_NOTE_LENGTH = 200


class FormChoice(models.TextChoices):
    DEFAULT = "", _("As the organisation set")
    ARTICLE = Form.ARTICLE.value, _("Headline, summary and link")
    NOTE = Form.NOTE.value, _("Short text, shown whole")


class ShowingChoice(models.TextChoices):
    LINK_PREVIEW = Showing.LINK_PREVIEW.value, _("Link preview")
    PHOTOS = Showing.PHOTOS.value, _("Photos (up to four)")


class QuotesChoice(models.TextChoices):
    ANYBODY = Quotes.ANYBODY.value, _("Anybody")
    FOLLOWERS = Quotes.FOLLOWERS.value, _("Followers only")
    NOBODY = Quotes.NOBODY.value, _("Nobody")


class RepliesChoice(models.TextChoices):
    ANYBODY = Replies.ANYBODY.value, _("Anybody")
    NOBODY = Replies.NOBODY.value, _("Nobody")


class AudienceChoice(models.TextChoices):
    PUBLIC = Audience.PUBLIC.value, _("Everybody")
    QUIET = Audience.QUIET.value, _("Everybody, but not in public timelines")
    SITE = "site", _("Only on this site")


class Shared(Owned):
    """The fields of the intent, for :class:`~cms.models.base.Shareable`."""

    share = models.BooleanField(
        _("Sharing (Mastodon and others)"),
        default=False,
        help_text=_("Followers get this page when it is published, and every later change. Off takes it back."),
    )
    form = models.CharField(_("how it goes out"), max_length=8, blank=True, default="", choices=FormChoice.choices)
    showing = models.CharField(
        _("what a timeline shows"), max_length=8, choices=ShowingChoice.choices, default=ShowingChoice.LINK_PREVIEW
    )
    content_note = models.CharField(
        _("content note"),
        max_length=CONTENT_NOTE_LENGTH,
        blank=True,
        help_text=_("What readers may not want to see unprepared, for example: violence. They see it first."),
    )
    quotes = models.CharField(
        _("who may quote it"), max_length=9, choices=QuotesChoice.choices, default=QuotesChoice.ANYBODY
    )
    replies = models.CharField(
        _("who may reply"),
        max_length=7,
        choices=RepliesChoice.choices,
        default=RepliesChoice.ANYBODY,
        help_text=_("A wish: not every server asks before it lets its people reply."),
    )
    audience = models.CharField(
        _("who sees it"),
        max_length=6,
        choices=AudienceChoice.choices,
        default=AudienceChoice.PUBLIC,
        help_text=_("Mastodon keeps what was chosen when the page was first shared."),
    )
    website_only = models.BooleanField(
        _("Change only on our website"),
        default=False,
        help_text=_("For touches to the layout. Mastodon and others keep what they have until the next change."),
    )

    sharing_panels = SHARING_PANELS

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """An alias is a second address of a piece, not a second piece, so it does not take over that the piece is
        shared. Whoever makes it a page of its own decides about that anew, as with a copy.

        That a change is for the website only is said once, by the version that makes it; the row never keeps it."""
        if kwargs.get("update_fields") is not None:  # a draft is noted; the wish stays in its version
            super().save(*args, **kwargs)
            return
        if self.alias_of_id is not None or self.audience == AudienceChoice.SITE:
            self.share = False
        is_quiet = self.website_only and self.pk is not None and not self.corrects()
        self.website_only = False
        with desk().keep_quiet(page_key(self.pk)) if is_quiet else nullcontext():
            super().save(*args, **kwargs)

    def corrects(self) -> bool:
        """Whether the corrections of this version are others than those that readers see now."""
        stored = Correction.objects.filter(page=self.pk).values_list("date", "text")
        return sorted(stored) != sorted((row.date, row.text) for row in self.corrections.all())
