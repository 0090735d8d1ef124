"""Shows an editor what others will get: the page as it stands in the form, saved or not, as Mastodon, a reader of full
texts and GoToSocial show it. Everything is drawn from what federation says would go out; nothing here describes it a
second time. Called by the pages themselves, in Wagtail's preview."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms import profiles
from cms.desk import desk
from cms.models import OrganisationPage
from cms.models.base import Shareable
from cms.models.sharing import AudienceChoice
from cms.publications import as_publication
from cms.visibility import readable_pages
from federation.contract import Preview, Remark, Shown

Words = str | Promise

DRAWINGS: dict[str, tuple[str, Callable[[Preview], Shown]]] = {
    "mastodon": ("cms/previews/mastodon.html", lambda made: made.timeline),
    "reader": ("cms/previews/reader.html", lambda made: made.reader),
    "gotosocial": ("cms/previews/gotosocial.html", lambda made: made.warning),
}

REMARKS: dict[Remark, Words] = {
    Remark.ONLY_SUMMARY: gettext_lazy(
        "Mastodon shows headline, summary and link. The text itself is read on your page."
    ),
    Remark.ONLY_HEADLINE: gettext_lazy(
        "There is no summary, so Mastodon shows only the headline and the link. Two sentences would bring more readers."
    ),
    Remark.NOTE_NOT_FOLDED: gettext_lazy(
        "The content note stands first, but Mastodon hides no text behind it. Pictures are covered."
    ),
    Remark.SUMMARY_IS_WARNING: gettext_lazy(
        "GoToSocial takes the summary for a content warning and folds the text behind it."
    ),
    Remark.HEADLINE_IS_WARNING: gettext_lazy(
        "GoToSocial takes the headline for a content warning and folds the text behind it."
    ),
    Remark.HEADLINE_TWICE: gettext_lazy("The headline stands above the text and opens it once more."),
    Remark.CHANGES_MISSED: gettext_lazy("Servers with a Mastodon older than 4.5 do not show later changes."),
    Remark.CARD_FROM_PAGE: gettext_lazy(
        "Each server reads the link preview from the page once it is out, so it can look slightly different."
    ),
    Remark.PICTURES_LEFT_OUT: gettext_lazy("Pictures inside the text are not shown here."),
}


def modes() -> list[tuple[str, Words]]:
    """As Wagtail wants them: (name, label)."""
    return [
        ("mastodon", gettext_lazy("On Mastodon")),
        ("reader", gettext_lazy("In a full-text reader")),
        ("gotosocial", gettext_lazy("On GoToSocial")),
    ]


def serve(page: Shareable, request: HttpRequest, mode: str) -> TemplateResponse:
    """``page`` may be unsaved, but its place in the tree is known."""
    template, choose = DRAWINGS[mode]
    context: dict[str, Any] = {"page": page, "label": dict(modes())[mode], "drawing": template}
    if page.organisation is not None:
        made = _preview(page, page.organisation)
        shown = choose(made)
        context |= {
            "shown": shown,
            "announcements": _announcements(page, page.organisation),
            "remarks": [REMARKS[remark] for remark in shown.remarks],
            "card_host": urlsplit(shown.card.url).hostname if shown.card else "",
            "document": json.dumps(made.document, ensure_ascii=False, indent=2),
        }
    return TemplateResponse(request, "cms/previews/frame.html", context)


def _preview(page: Shareable, organisation: OrganisationPage) -> Preview:
    page.set_url_path(page.get_parent())  # the address that goes out is made of the name in the form
    key = organisation.publisher_key
    return desk().preview(as_publication(page), profiles.publisher(key) or profiles.as_publisher(organisation))


def _announcements(page: Shareable, organisation: OrganisationPage) -> list[str]:
    """Whether and when."""
    if not page.share or page.audience == AudienceChoice.SITE or page.alias_of_id is not None:
        return [_("This page is not shared. If it were, this is what would go out.")]
    if _is_hidden(page, organisation):
        return [_("Not everybody may read this page, so nothing goes out. Otherwise it would be this.")]
    said = []
    if page.go_live_at is not None and page.go_live_at > timezone.now():
        said.append(_("Goes out on %(when)s.") % {"when": _moment(page.go_live_at)})
    if page.expire_at is not None:
        said.append(_("Is taken back on %(when)s.") % {"when": _moment(page.expire_at)})
    return said


def _is_hidden(page: Shareable, organisation: OrganisationPage) -> bool:
    """By what the page's own form cannot change."""
    return (
        page.get_view_restrictions().exists()
        or not readable_pages(OrganisationPage).filter(pk=organisation.pk).exists()
    )


def _moment(when: Any) -> str:
    """In the editor's time zone, which is named."""
    local = timezone.localtime(when)
    return f"{date_format(local, 'DATE_FORMAT')}, {date_format(local, 'H:i')} ({local.tzname()})"
