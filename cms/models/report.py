"""The report of a meeting or workshop: when and where it was, who took part, what was on the agenda.

Each fact of the event stands here once, as data; texts quote it (D9). Dates may be known only to the month or year, or
not at all, and then say so (D8).
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from cms.blocks import AgendaBlock
from cms.countries import country_choices, country_name
from cms.dates import Precision, day_text, period_text
from cms.translated_fields import MEETING
from cms.visibility import readable_pages

from .base import Shareable
from .organisation import OrganisationPage


class MeetingKind(models.TextChoices):
    MEETING = "meeting", _("Meeting")
    WORKSHOP = "workshop", _("Workshop")
    CONFERENCE = "conference", _("Conference")
    TRAINING = "training", _("Training")


class Attendance(models.TextChoices):
    ON_SITE = "on-site", _("On site")
    ONLINE = "online", _("Online")
    HYBRID = "hybrid", _("On site and online")
    UNKNOWN = "", _("Not known")


class DatePrecision(models.TextChoices):
    DAY = Precision.DAY.value, _("The days are known")
    MONTH = Precision.MONTH.value, _("Only the month is known")
    YEAR = Precision.YEAR.value, _("Only the year is known")
    UNKNOWN = Precision.UNKNOWN.value, _("Not known")


class CountPrecision(models.TextChoices):
    EXACT = "exact", _("exactly")
    ABOUT = "about", _("about")
    MORE = "more", _("more than")


class ReportPage(Shareable):
    kind = "report"
    meeting_kind = models.CharField(
        _("kind of event"), max_length=16, choices=MeetingKind.choices, default=MeetingKind.MEETING
    )
    attendance = models.CharField(_("attendance"), max_length=8, blank=True, default="", choices=Attendance.choices)
    start_date = models.DateField(_("first day"), null=True, blank=True)
    end_date = models.DateField(_("last day"), null=True, blank=True)
    date_precision = models.CharField(
        _("how exactly the date is known"), max_length=8, choices=DatePrecision.choices, default=DatePrecision.DAY
    )
    participants = models.PositiveIntegerField(
        _("number of participants"),
        null=True,
        blank=True,
        help_text=_("State it here only; the text need not repeat it."),
    )
    participants_precision = models.CharField(
        _("how exactly it is known"), max_length=8, choices=CountPrecision.choices, default=CountPrecision.EXACT
    )

    override_translatable_fields = [*Shareable.override_translatable_fields, *MEETING]
    template = "cms/report_page.html"

    content_panels = [
        *Page.content_panels,
        *Shareable.head_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("meeting_kind"), FieldPanel("attendance")]),
                FieldPanel("date_precision"),
                FieldRowPanel([FieldPanel("start_date"), FieldPanel("end_date")]),
                FieldRowPanel([FieldPanel("participants"), FieldPanel("participants_precision")]),
            ],
            heading=_("The event"),
        ),
        FieldPanel("body"),
        InlinePanel("agenda_days", heading=_("Agenda"), label=_("Day")),
        InlinePanel("participant_rows", heading=_("Who took part"), label=_("Participant")),
        *Shareable.sharing_panels,
        *Shareable.row_panels,
    ]
    search_fields = [
        *Shareable.search_fields,
        index.SearchField("place"),
        index.FilterField("start_date"),
        index.FilterField("meeting_kind"),
    ]

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")

    @property
    def kind_label(self) -> str:
        return gettext("Report: %(kind)s") % {"kind": self.get_meeting_kind_display()}

    @property
    def event_date(self) -> str:
        """When the event was, in words, always with its year; empty if nobody knows (D8)."""
        return period_text(self.start_date, self.end_date, Precision(self.date_precision))

    @property
    def dateline(self) -> str:
        """“Belgrade · 30–31 May 2022”: of the event, not of the report. Without a known date, the report's date."""
        return " · ".join(part for part in (self.place, self.event_date or self.dateline_date) if part)

    @property
    def participants_text(self) -> str:
        """“more than 40 participants”; empty if not known. The only place where the number is put into words (D9)."""
        if self.participants is None:
            return ""
        count = ngettext("%(count)d participant", "%(count)d participants", self.participants) % {
            "count": self.participants
        }
        words = {
            CountPrecision.ABOUT.value: gettext("about %(count)s"),
            CountPrecision.MORE.value: gettext("more than %(count)s"),
        }
        return words.get(self.participants_precision, "%(count)s") % {"count": count}

    @cached_property
    def agenda(self) -> list[AgendaDay]:
        return list(self.agenda_days.all())

    @cached_property
    def participating(self) -> list[Participant]:
        """Rows with ``name``, ``country_name``, ``person``, ``role`` and ``linked`` (its page, if readable). An
        organisation whose page is hidden is not named by it."""
        rows = list(self.participant_rows.select_related("chosen"))
        chosen = [row.chosen_id for row in rows if row.chosen_id]
        shown = (
            set(readable_pages(OrganisationPage).filter(pk__in=chosen).values_list("pk", flat=True))
            if chosen
            else set()
        )
        for row in rows:
            row.linked = row.chosen if row.chosen_id in shown else None
        return [row for row in rows if row.name or row.person or row.role]

    def clean(self) -> None:
        super().clean()
        if self.date_precision == DatePrecision.UNKNOWN:
            self.start_date = self.end_date = None
        elif self.start_date is None:
            raise ValidationError({"start_date": _("Give a date, or say that it is not known.")})
        elif self.end_date is not None and self.end_date < self.start_date:
            raise ValidationError({"end_date": _("The last day is before the first.")})


class AgendaDay(Orderable):
    page = ParentalKey(ReportPage, on_delete=models.CASCADE, related_name="agenda_days")
    date = models.DateField(_("date"), null=True, blank=True)
    title = models.CharField(_("title"), max_length=255, help_text=_("For example “First day: our countries”."))
    items = StreamField(AgendaBlock(), blank=True, verbose_name=_("items"))

    panels = [FieldPanel("title"), FieldPanel("date"), FieldPanel("items")]

    class Meta(Orderable.Meta):
        verbose_name = _("day")

    @property
    def date_text(self) -> str:
        return day_text(self.date) if self.date else ""

    def __str__(self) -> str:
        return self.title


class Participant(Orderable):
    """An organisation that took part, and who spoke for it in which role at that time (D5)."""

    page = ParentalKey(ReportPage, on_delete=models.CASCADE, related_name="participant_rows")
    chosen = models.ForeignKey(
        "cms.OrganisationPage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation of this site"),
    )
    other_name = models.CharField(_("or another organisation"), max_length=255, blank=True)
    other_country = models.CharField(_("its country"), max_length=2, blank=True, choices=country_choices)
    person = models.CharField(_("person"), max_length=255, blank=True)
    role = models.CharField(_("role at that time"), max_length=255, blank=True)

    panels = [
        PageChooserPanel("chosen"),
        FieldRowPanel([FieldPanel("other_name"), FieldPanel("other_country")]),
        FieldRowPanel([FieldPanel("person"), FieldPanel("role")]),
    ]

    class Meta(Orderable.Meta):
        verbose_name = _("participant")

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.person, self.role) if part)

    @property
    def organisation(self) -> OrganisationPage | None:
        """The page that was chosen; to readers, only if they may read it."""
        shown: OrganisationPage | None = self.linked if "linked" in self.__dict__ else self.chosen
        return shown

    @property
    def name(self) -> str:
        return self.organisation.title if self.organisation else self.other_name

    @property
    def country_name(self) -> str:
        return country_name(self.organisation.country if self.organisation else self.other_country)

    @property
    def name_and_country(self) -> str:
        return f"{self.name} ({self.country_name})" if self.name and self.country_name else self.name

    def clean(self) -> None:
        super().clean()
        if not (self.chosen_id or self.other_name or self.person):
            raise ValidationError(_("Choose an organisation, or write a name."))
