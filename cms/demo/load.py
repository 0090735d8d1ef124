"""Puts a script's content into the site, once, all or nothing. What editors change or delete afterwards is theirs: a
second call sees that the content was there and leaves everything alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop
from wagtail.models import Page, Site

from cms.keys import organisation_key
from cms.models import HandleClaim, HomePage, OrganisationPage, SectionPage, SiteSettings

from . import files, pieces
from .fictional import fictional
from .scripts import SCRIPTS
from .shapes import Partner, Script
from .writing import number_of, publish, stream

NOTICE = gettext_noop("Demo. Not affiliated with the organisations named.")


@dataclass(frozen=True, slots=True)
class Loaded:
    """``fresh`` is False if the content was there already; ``organisations`` are keys with the pages that exist."""

    fresh: bool
    organisations: dict[str, OrganisationPage]


def load(role: str, now: datetime, *, invented_names: bool = False) -> Loaded:
    """Everything that ``role`` (“hub” or “partner”) shows."""
    script = fictional(SCRIPTS[role]) if invented_names else SCRIPTS[role]
    # A handle is never given back, so this stays true after an editor deleted everything.
    keys = {organisation_key(number_of(partner.key)) for partner in script.partners}
    fresh = not HandleClaim.objects.filter(publisher__in=keys).exists()
    if fresh:
        with transaction.atomic():
            _write(script, now)
    numbers = {number_of(partner.key): partner.key for partner in script.partners}
    found = OrganisationPage.objects.filter(translation_key__in=numbers, alias_of__isnull=True).order_by("title")
    return Loaded(fresh, {numbers[page.translation_key]: page for page in found})


def _write(script: Script, now: datetime) -> None:
    home = _front_page(script)
    names: dict[str, Page] = {"home": home}
    for partner in script.partners:
        names[partner.key] = _organisation(partner, home)
        for kind, title in partner.sections:
            section = SectionPage(translation_key=number_of(f"{partner.key}/{kind}"), title=title, kind=kind)
            names[f"{partner.key}/{kind}"] = publish(section, names[partner.key])
    pieces.write(script, names, now)


def _front_page(script: Script) -> HomePage:
    site = Site.objects.get(is_default_site=True)
    home: HomePage = HomePage.objects.get(pk=site.root_page_id)
    if not home.tagline:  # nobody has written anything on it yet
        home.title, home.tagline, home.introduction = script.name, script.tagline, script.introduction
        home.save_revision().publish()
    settings = SiteSettings.for_site(site)
    settings.name = settings.name or script.name
    settings.summary = settings.summary or script.introduction
    settings.notice = settings.notice or NOTICE
    settings.logo = settings.logo or files.make_mark(script.name, None)
    settings.save()
    return home


def _organisation(partner: Partner, home: HomePage) -> OrganisationPage:
    page = OrganisationPage(
        translation_key=number_of(partner.key),
        title=partner.title,
        handle=partner.handle,
        short_name=partner.short_name,
        country=partner.country,
        kind=partner.kind,
        summary=partner.summary,
        body=stream(OrganisationPage, "body", partner.about, {}),
    )
    page.profile_fields = [
        type(page).profile_fields.rel.related_model(label=label, value=value, sort_order=number)
        for number, (label, value) in enumerate(partner.fields)
    ]
    page = publish(page, home)
    page.logo = files.make_mark(partner.title, page.collection)
    page.save_revision().publish()
    return page
