"""A partner of the network: the page that readers see, and everything that belongs to it.

Saving a new organisation provisions its group, collection and handle (``cms.partners``). Its key for the rest of the
world is the ``translation_key``, which is the same in every language version. An alias is only a second address of the
same page; it owns nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Min
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import (
    FieldPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    TabbedInterface,
)
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page, PagePermissionTester, Revision
from wagtail.search import index

from cms import partners
from cms.blocks import BodyBlock
from cms.collections import public_image
from cms.countries import country_choices, country_name
from cms.desk import desk
from cms.forms import OrganisationForm
from cms.handles import problem_with
from cms.keys import organisation_key
from cms.languages import check_tags, language_name, split_tags
from cms.listings import latest
from cms.profile_panels import LinksBackPanel, OwnPagesPanel
from cms.translated_fields import ORGANISATION, ROWS
from cms.visibility import readable_pages
from federation.contract import MOST_PINNED, Form

from .handles import HANDLE_LENGTH, valid_handle
from .profile import ProfileChoices

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .media import CustomImage

SUMMARY_LENGTH = 500
PROFILE_PREVIEW = "profile"
WHAT_A_PROFILE_IS = _(
    "This is what people on Mastodon and elsewhere see of your organisation, with its name, which is the title of this"
    " page. The preview shows it as they do, under “Profile, as others see it”."
)
WHAT_A_NEW_HANDLE_DOES = _(
    "What a new handle does: whoever follows stays, and sees the new one when their server next looks, which may take"
    " some days. The old one leads to you for ever, and is never given to anybody else. Posts elsewhere that mention"
    " you go on showing the old one."
)


class Owned(Page):
    """Pages that live under an organisation, or are one."""

    class Meta:
        abstract = True

    @cached_property
    def organisation(self) -> OrganisationPage | None:
        """The organisation that this page belongs to, or is; None outside of all organisations."""
        return OrganisationPage.objects.ancestor_of(self, inclusive=True).order_by("-depth").first()

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        """Lists in the admin go on calling a live page by its public title. They are also other organisations' lists,
        and Wagtail would show the new title of a draft there."""
        revision = super().save_revision(*args, **kwargs)
        if self.live:
            Page.objects.filter(pk=self.pk).update(draft_title=F("title"))
        return revision

    def with_content_json(self, content: dict[str, Any]) -> Any:
        """The draft itself is called by its own title, and takes it along when it is published. Which version is live
        is a fact of now, not of the day when the draft was written: Wagtail hides a page without one as soon as a new
        version is given a date."""
        draft = super().with_content_json(content)
        draft.draft_title = draft.title
        draft.live_revision_id = self.live_revision_id
        return draft

    def publish(self, revision: Revision, *args: Any, **options: Any) -> Any:
        begins = revision.as_object().go_live_at
        if self.live and self.live_revision_id is None and begins and begins > timezone.now():
            self._note_what_is_live()
        return super().publish(revision, *args, **options)

    def _note_what_is_live(self) -> None:
        """As the first of the page's versions: a page that a command or an import made live has none."""
        stored = type(self)._default_manager.get(pk=self.pk)
        self.live_revision = Revision.objects.create(
            content_object=stored,
            base_content_type=stored.get_base_content_type(),
            content=stored.serializable_data(),
            object_str=str(stored),
            created_at=self.revisions.aggregate(first=Min("created_at"))["first"] - timedelta(seconds=1),
        )
        Page.objects.filter(pk=self.pk).update(live_revision=self.live_revision)


class OrganisationKind(models.TextChoices):
    CSO = "cso", _("Civil-society organisation")
    NETWORK = "network", _("Network")
    THINK_TANK = "think-tank", _("Think tank")
    DONOR = "donor", _("Donor")
    MEDIA = "media", _("Media")
    ACADEMIC = "academic", _("Academic institution")
    PUBLIC = "public", _("Public body")
    SOCIAL_ENTERPRISE = "social-enterprise", _("Social enterprise")
    OTHER = "other", _("Other")


class DefaultForm(models.TextChoices):
    ARTICLE = Form.ARTICLE.value, _("Headline, summary and link")
    NOTE = Form.NOTE.value, _("Short text, shown whole")


class OrganisationPage(Owned, ProfileChoices):
    legal_name = models.CharField(_("legal name"), max_length=255, blank=True)
    short_name = models.CharField(_("short name"), max_length=60, blank=True, help_text=_("For example an acronym."))
    handle = models.CharField(
        _("handle"),
        max_length=HANDLE_LENGTH,
        blank=True,
        validators=[valid_handle],
        help_text=_(
            "The name under which people follow: small letters, digits and “_”. Left empty, it is made from the name."
        ),
    )
    country = models.CharField(_("country"), max_length=2, blank=True, choices=country_choices)
    kind = models.CharField(_("kind"), max_length=24, choices=OrganisationKind.choices, default=OrganisationKind.CSO)
    summary = models.TextField(
        _("summary"),
        blank=True,
        max_length=SUMMARY_LENGTH,
        validators=[MaxLengthValidator(SUMMARY_LENGTH)],
        help_text=_("Who you are and what you do, in at most 500 characters. It stands in your profile."),
    )
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
    website = models.URLField(_("website"), blank=True)
    languages = models.CharField(
        _("languages"),
        max_length=255,
        blank=True,
        validators=[check_tags],
        help_text=_("Languages that you work in, as tags with commas between them, for example: en, sr-Latn, mk."),
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("about us"))
    share_by_default = models.BooleanField(
        _("propose sharing for new pages"),
        default=True,
        help_text=_(
            "New pages start with “Sharing (Mastodon and others)” ticked. Nothing that exists already is changed."
        ),
    )
    default_form = models.CharField(
        _("how pages go out"), max_length=8, choices=DefaultForm.choices, default=DefaultForm.ARTICLE
    )
    collection = models.ForeignKey(
        "wagtailcore.Collection", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    editors = models.ForeignKey(
        "auth.Group", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    # Everything below is published in its name and by its settings: when it changes, so may what they look like.
    wakes_descendants = True
    base_form_class = OrganisationForm
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.SectionPage", "cms.NewsPage", "cms.ReportPage", "cms.DocumentPage"]
    override_translatable_fields = [*ROWS, *ORGANISATION]
    # A copy is another organisation: it gets a handle, a group and a collection of its own, and has no pages yet.
    exclude_fields_in_copy = ["handle", "collection", "editors", "pinned_pages"]
    template = "cms/organisation_page.html"

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("legal_name"),
                FieldPanel("short_name"),
                FieldPanel("kind"),
                FieldPanel("country"),
                FieldPanel("languages"),
            ],
            heading=_("About"),
        ),
        FieldPanel("body"),
    ]
    # What other servers make a profile of, in the order in which they show it. Its name is the page's title.
    profile_panels = [
        HelpPanel(WHAT_A_PROFILE_IS, heading=_("Your profile"), icon="info-circle"),
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("logo"), FieldPanel("header")], heading=_("Pictures")),
        FieldPanel("website"),
        InlinePanel("profile_fields", heading=_("Lines of the profile"), label=_("Line"), max_num=4),
        LinksBackPanel(heading=_("Check marks")),
        OwnPagesPanel(
            "pinned_pages",
            heading=_("Pinned pages"),
            label=_("Page"),
            max_num=MOST_PINNED,
            help_text=_(
                "What your profile shows first, at most ten. Pages that are not published and shared are left out."
                " While nothing is chosen, it is the five newest."
            ),
        ),
        MultiFieldPanel([FieldPanel("approves_followers"), FieldPanel("welcome_hosts")], heading=_("Followers")),
        MultiFieldPanel(
            [FieldPanel("discoverable"), FieldPanel("indexable"), FieldPanel("author_hosts")], heading=_("Being found")
        ),
        MultiFieldPanel(
            [FieldPanel("handle"), HelpPanel(WHAT_A_NEW_HANDLE_DOES)], heading=_("The name under which people follow")
        ),
    ]
    sharing_panels = [
        MultiFieldPanel(
            [FieldPanel("share_by_default"), FieldPanel("default_form")], heading=_("Sharing (Mastodon and others)")
        ),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(content_panels, heading=_("Content")),
            ObjectList(profile_panels, heading=_("Profile")),
            ObjectList([*sharing_panels, *Page.promote_panels, *Page.settings_panels], heading=_("Settings")),
        ]
    )
    preview_modes = [("", _("Page")), (PROFILE_PREVIEW, _("Profile, as others see it"))]
    search_fields = [
        *Page.search_fields,
        index.SearchField("legal_name"),
        index.SearchField("short_name"),
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("country"),
        index.FilterField("kind"),
    ]

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    @property
    def publisher_key(self) -> str:
        return organisation_key(self.translation_key)

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def language_tags(self) -> tuple[str, ...]:
        return split_tags(self.languages)

    @property
    def language_names(self) -> list[str]:
        return [language_name(tag) for tag in self.language_tags]

    @cached_property
    def public_logo(self) -> CustomImage | None:
        return public_image(self.logo)

    @cached_property
    def public_header(self) -> CustomImage | None:
        return public_image(self.header)

    @cached_property
    def latest(self) -> list[Page]:
        """The newest content of the organisation."""
        return latest(self, 12)

    @cached_property
    def sections(self) -> list[Page]:
        return list(readable_pages(apps.get_model("cms", "SectionPage")).child_of(self))

    @property
    def full_handle(self) -> str | None:
        """“@name@host”, once people can follow; else None."""
        return desk().full_handle(self.publisher_key)

    def clean(self) -> None:
        super().clean()
        problem = problem_with(self.handle, self.publisher_key) if self.handle and not self.alias_of_id else None
        if problem:
            raise ValidationError({"handle": problem})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Provisions on the first save and follows a rename. No signal: it would miss or repeat some saves."""
        only = kwargs.get("update_fields")
        if self.alias_of_id or (only is not None and not {"title", "handle", "editors", "collection"} & set(only)):
            # Saving a draft, too, writes only a few columns of the row: its new name is nobody's business yet.
            super().save(*args, **kwargs)
            return
        partners.save_with_provisions(self, lambda: super(OrganisationPage, self).save(*args, **kwargs))

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        shown: str = super().get_preview_template(request, mode_name)
        return "cms/profile_preview.html" if mode_name == PROFILE_PREVIEW else shown

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return OrganisationPermissionTester(user, self)


class OrganisationPermissionTester(PagePermissionTester):
    """An organisation's own editors may change its page and everything below it, but neither delete the organisation,
    with which goes the profile that people follow, for ever, nor change the handle by which they know it. That is for
    whoever may edit the page above."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return super().can_delete(ignore_bulk) and self._is_administrator()

    def can_rename(self) -> bool:
        """To give it another handle. Another title is for its editors to choose."""
        return self._is_administrator()

    def _is_administrator(self) -> bool:
        above = self.page.get_parent()
        return above is None or above.permissions_for_user(self.user).can_edit()


class ProfileField(Orderable):
    """A line of the profile, as (label, value). A value that is an address becomes a link."""

    page = ParentalKey(OrganisationPage, on_delete=models.CASCADE, related_name="profile_fields")
    label = models.CharField(_("label"), max_length=60)
    value = models.CharField(_("text or address"), max_length=255)

    panels = [FieldPanel("label"), FieldPanel("value")]

    class Meta(Orderable.Meta):
        verbose_name = _("line of the profile")

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"
