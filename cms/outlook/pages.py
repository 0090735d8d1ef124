"""Asks federation what becomes of pages when they are published, moved, hidden or deleted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Page

from cms import sending
from cms.desk import desk
from cms.keys import page_key
from cms.models import OrganisationPage
from cms.models.base import Shareable
from cms.publications import as_publication
from cms.visibility import opens, public_pages, shareable_models, unrestricted
from federation.contract import Change, Form

from .words import Intent, audience, of_publishing, of_removing

# Up to here each page is asked after; of more, only their number is told.
MOST_ASKED = 25


def publishing(version: Shareable, parent: Page | None = None) -> list[str]:
    """``version`` is the page as it stands in a form, saved or not; then ``parent`` is where it will be."""
    now = timezone.now()
    is_open = opens(version, parent) and version.organisation is not None
    is_shared = version.share and version.audience != "site" and version.alias_of_id is None
    goes_out = version.go_live_at if version.go_live_at and version.go_live_at > now else None
    publication = as_publication(version) if is_shared and is_open else None
    form = version.form or (version.organisation.default_form if version.organisation else "")
    intent = Intent(
        is_shared=is_shared,
        is_open=is_open,
        is_website_only=version.website_only,
        is_long=form == Form.ARTICLE,
        goes_out=_moment(goes_out) if goes_out else "",
        undo_seconds=settings.SENDING_DELAY if sending.waits(version, now, parent) else 0,
    )
    return of_publishing(desk().consequence(page_key(version.pk), publication), intent)


def removing(pages: Iterable[Page], *, with_all_below: bool = True) -> list[str]:
    """What is taken back elsewhere when these are no longer public."""
    return _of_removing(_out(pages, with_all_below=with_all_below))


def unpublishing(pages: Iterable[Page]) -> list[str]:
    """An organisation hides all that lies below it; of other pages, what lies below stays, unless somebody says so."""
    chosen = list(pages)
    hiding = [page for page in chosen if issubclass(page.specific_class or Page, OrganisationPage)]
    keys = [*_out(hiding, with_all_below=True), *_out(chosen, with_all_below=False)]
    said = _of_removing(list(dict.fromkeys(keys)))
    below = set(_out(chosen, with_all_below=True)) - set(keys)
    if below:
        text = ngettext(
            "With all pages below, %(count)d more post is removed.",
            "With all pages below, %(count)d more posts are removed.",
            len(below),
        )
        said.append(text % {"count": len(below)})
    return said


def deleting(pages: Iterable[Page]) -> list[str]:
    chosen = list(pages)
    said = removing(chosen)
    if any(issubclass(page.specific_class or Page, OrganisationPage) for page in chosen):
        said.append(_("The profile ends for good: its followers are lost, and nobody gets its handle again."))
    return said


def restricting(page: Page) -> list[str]:
    """Whether it is the page itself that is kept from somebody now, or may be soon."""
    if unrestricted(page):
        said = removing([page])
        return [_("If not everybody may read it:"), *said] if said else []
    count = _hidden_and_shared(page).count()
    above = page.get_parent()
    if not count or (above is not None and not unrestricted(above)):
        return []
    return [_goes_public(count)]


def moving(page: Page, destination: Page) -> list[str]:
    out = _out([page], with_all_below=True)
    if not _is_for_everybody(destination):
        return _of_removing(out)
    said = []
    above = page.get_parent()
    if above is not None and not _is_for_everybody(above):
        count = 0 if page.view_restrictions.exists() else _hidden_and_shared(page).count()
        return [_goes_public(count)] if count else []
    if out and not issubclass(page.specific_class or Page, OrganisationPage):
        said = _under_another(page, destination, out)
    return said


def moving_somewhere(pages: Iterable[Page]) -> list[str]:
    """Before anybody chose where to."""
    count = len(_out(pages, with_all_below=True))
    if not count:
        return []
    text = ngettext("%(count)d of the pages is shared.", "%(count)d of the pages are shared.", count)
    hidden = _("Under a page that is not for everybody, posts are removed from Mastodon and others.")
    elsewhere = _("Under another organisation, they are removed and made anew.")
    return [text % {"count": count}, hidden, elsewhere]


def _under_another(page: Page, destination: Page, out: list[int]) -> list[str]:
    old, new = _owner(page), _owner(destination)
    if new is None or old is None:
        return _of_removing(out)
    if old.pk == new.pk:
        known = desk().consequence(page_key(out[0]), None)
        text = ngettext(
            "The address of %(count)d post changes: %(audience)s are told.",
            "The addresses of %(count)d posts change: %(audience)s are told.",
            len(out),
        )
        return [text % {"count": len(out), "audience": audience(known)}]
    text = ngettext("%(new)s publishes it then, as a new post.", "%(new)s publishes them then, as new posts.", len(out))
    return [*_of_removing(out)[:-1], text % {"new": new.title}]


def _of_removing(numbers: list[int]) -> list[str]:
    """Of pages that are public: those that others were told of."""
    if len(numbers) > MOST_ASKED:
        return of_removing(len(numbers))
    asked = [desk().consequence(page_key(number), None) for number in numbers]
    told = [answer for answer in asked if answer.change is Change.WITHDRAW]
    return of_removing(len(told), max((answer.reached for answer in told), default=0) if len(told) == 1 else None)


def _out(pages: Iterable[Page], *, with_all_below: bool) -> list[int]:
    """The numbers of those that are public and shared now."""
    conditions = [Q(path__startswith=page.path) if with_all_below else Q(pk=page.pk) for page in pages]
    if not conditions:
        return []
    return list(public_pages().filter(reduce(or_, conditions)).order_by("pk").values_list("pk", flat=True))


def _hidden_and_shared(page: Page) -> Any:
    """What lies below, is published and ticked; it is not public only because of what stands above."""
    ticked = [
        Q(pk__in=model._default_manager.filter(share=True, path__startswith=page.path).values("pk"))
        for model in shareable_models()
    ]
    return Page.objects.filter(reduce(or_, ticked), live=True, alias_of__isnull=True)


def _goes_public(count: int) -> str:
    text = ngettext(
        "If everybody may read it, %(count)d page that is shared goes out to Mastodon and others.",
        "If everybody may read it, %(count)d pages that are shared go out to Mastodon and others.",
        count,
    )
    return text % {"count": count}


def _is_for_everybody(parent: Page) -> bool:
    owner = _owner(parent)
    return unrestricted(parent) and (owner is None or (owner.live and not owner.expired))


def _owner(page: Page) -> OrganisationPage | None:
    return OrganisationPage.objects.ancestor_of(page, inclusive=True).filter(alias_of__isnull=True).last()


def _moment(when: Any) -> str:
    """In the editor's time zone, which is named."""
    local = timezone.localtime(when)
    return f"{date_format(local, 'DATE_FORMAT')}, {date_format(local, 'H:i')} ({local.tzname()})"
