"""Forms of the page editor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from cms import sending
from cms.checks.gather import gather
from cms.checks.memory import remembers
from cms.checks.shown import show
from cms.checks.verdict import Verdict, judge
from cms.desk import desk, is_connected
from cms.keys import page_key
from cms.references import May, Reference, allowed_text, allowed_value, is_chooser, normal, references_of
from cms.scope import all_among, choosable_files, choosable_pages

Allow = Callable[[Any, Any, May], Any]
SITE_ONLY = "site"
INTENT = ("share", "form", "showing", "content_note", "quotes", "replies", "audience", "website_only")
# Buttons that publish a page, or bring it closer to that. All others keep a draft, or end something.
PUBLISHING = ("action-publish", "action-submit", "action-restart-workflow", "action-workflow-action")


class PageForm(WagtailAdminPageForm):
    """Takes only files and pages that the editor may choose, or that the page has already: the numbers of others can be
    sent by hand, and a document becomes public with the page that uses it.

    What is refused is gone before anything sees it. Shown again beside an error, or in a preview, it would tell its
    title and address.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verdict = Verdict()
        self._refused: dict[tuple[Any, str, bool], bool] = {}  # form, field, whether it is text; whether it was told
        if self.is_bound:
            self._asked: dict[Reference, bool] = dict.fromkeys(self._had_already(), True)
            for form in _with_rows(self):
                for field in form.instance._meta.get_fields():
                    if field.name in form.fields:
                        self._guard(form, field)

    def is_valid(self) -> bool:
        valid: bool = super().is_valid()
        for (form, name, is_text), told in self._refused.items():
            if not told:
                message = _("“%(field)s” held something that you may not use. It was taken out.")
                # The editor's widget for blocks shows one error only, and that is the blocks' own.
                form.add_error(None if is_text else name, message % {"field": form.fields[name].label})
        self._refused = dict.fromkeys(self._refused, True)
        if not valid or self._refused:
            return False
        if self._publishes() and not self.verdict:
            self.verdict = judge(gather(self.instance, self.parent_page, self._rows))
            show(self, self.verdict.errors)
        return not self.verdict.errors and (not self.verdict.warnings or self.is_confirmed())

    def is_confirmed(self) -> bool:
        """Whether the editor has seen the warnings of exactly this content and publishes it anyway: the button names
        that content, or they did so before."""
        clicked = any(self.data.get(button) == self.verdict.content for button in PUBLISHING)
        return clicked or remembers(self.instance, self.for_user, self.verdict)

    def save(self, commit: bool = True) -> Any:
        """A new page is not live before it is published, also in the moment between. Wagtail's view makes it so, and
        what is scheduled for next week could be read, and told to others, meanwhile."""
        if self.instance._state.adding:
            self.instance.live = False
        return super().save(commit=commit)

    def _publishes(self) -> bool:
        """Not in a preview and not for a draft, which defer what is required."""
        if self.is_deferred_validation:
            return False
        button = next((name for name in PUBLISHING if name in self.data), "")
        if button == "action-workflow-action":
            return bool(self.data.get("workflow-action-name") == "approve")
        return bool(button)

    def _rows(self, relation: str) -> Iterator[tuple[int, Any]]:
        """Of the page's rows, those that will be there, by their number in the form."""
        rows = self.formsets.get(relation)
        if rows is None:
            yield from enumerate(getattr(self.instance, relation).all())
            return
        for number, form in enumerate(rows.forms):
            gone = rows.can_delete and rows._should_delete_form(form)
            if not gone and (form.has_changed() or form.instance.pk):
                yield number, form.instance

    def _had_already(self) -> Iterator[Reference]:
        """What the version in the form uses, and the published one."""
        yield from references_of(self.instance)
        for published in type(self.instance)._default_manager.filter(pk=self.instance.pk):
            yield from references_of(published)

    def _guard(self, form: Any, field: Any) -> None:
        allow = next((allow for fits, allow in _ALLOWED if fits(field)), None)
        if allow is None:
            return
        widget = form.fields[field.name].widget
        read = widget.value_from_datadict

        def may(reference: Reference) -> bool:
            allowed = self._may(reference)
            if not allowed:
                self._refused.setdefault((form, field.name, not is_chooser(field)), False)
            return allowed

        widget.value_from_datadict = lambda *args: allow(field, read(*args), may)

    def _may(self, reference: Reference) -> bool:
        if reference not in self._asked:
            model, number = reference
            user = self.for_user or AnonymousUser()
            allowed = choosable_pages(user) if model is Page else choosable_files(user, model)
            self._asked[reference] = all_among([number], allowed)
        return self._asked[reference]


class OrganisationForm(PageForm):
    """The handle is for administrators to change: it is how people elsewhere know the organisation. For all others it
    stays as the newest draft has it, whatever is sent, also when they go back to an older version."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page, user = self.instance, self.for_user or AnonymousUser()
        if "handle" not in self.fields or page.pk is None or page.permissions_for_user(user).can_rename():
            return
        newest = page.latest_revision
        stored = type(page)._default_manager.filter(pk=page.pk).values_list("handle", flat=True).first()
        self.initial["handle"] = newest.content.get("handle", stored) if newest else stored
        self.fields["handle"].disabled = True
        self.fields["handle"].help_text = _("The name under which people follow. Administrators can change it.")


class ShareableForm(PageForm):
    """Proposes on a new page what its organisation set. The editor sees and may change it; nothing else is shared by
    itself. That a change is for the website only is never proposed, and can be said of what is out already only.

    Nothing about sharing keeps a draft from being saved, or previewed: it is asked when somebody publishes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.website_only = self.initial["website_only"] = False
        for name in () if is_connected() else INTENT:
            self.fields.pop(name, None)
        if "website_only" in self.fields and not self._is_out():
            del self.fields["website_only"]
        if self.instance.pk is None and self.parent_page is not None and "share" in self.fields:
            organisation = getattr(self.parent_page.specific, "organisation", None)
            if organisation is not None:
                self.initial["share"] = organisation.share_by_default

    def defer_required_fields(self) -> None:
        super().defer_required_fields()
        if "summary" in self.fields:
            field = self.fields["summary"]
            field.validators = [check for check in field.validators if not isinstance(check, MaxLengthValidator)]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if self.is_deferred_validation:
            return cleaned
        if cleaned.get("audience") == SITE_ONLY and cleaned.get("share"):
            self.add_error("audience", _("Either share the page, or keep it on this site only."))
        if cleaned.get("website_only") and self._corrects():
            self.add_error("website_only", _("A correction is for everybody who got the page. Untick this."))
        return cleaned

    def is_valid(self) -> bool:
        valid = super().is_valid()
        if valid and self._publishes() and self._is_over_before_it_is_sent():
            self.add_error("expire_at", _("The page would be over before it is sent. Choose a later time, or none."))
            return False
        return valid

    def _is_over_before_it_is_sent(self) -> bool:
        now, end = timezone.now(), self.instance.expire_at
        return end is not None and end <= now + sending.delay() and sending.waits(self.instance, now, self.parent_page)

    def _is_out(self) -> bool:
        return self.instance.pk is not None and desk().alternate(page_key(self.instance.pk)) is not None

    def _corrects(self) -> bool:
        """By this form, or by the draft that it began with."""
        rows = self.formsets.get("corrections")
        return (rows is not None and rows.has_changed()) or self.instance.corrects()


def _with_rows(form: Any) -> Iterator[Any]:
    yield form
    for rows in form.formsets.values():
        for row in rows.forms:
            yield from _with_rows(row)


def _chosen(field: Any, value: Any, may: May) -> Any:
    return value if value in (None, "") or may(normal(field.remote_field.model, value)) else None


def _blocks(field: Any, value: Any, may: May) -> Any:
    return allowed_value(field.stream_block, value, may)


def _text(field: Any, value: Any, may: May) -> Any:
    return allowed_text(value or "", may)


_ALLOWED: list[tuple[Callable[[Any], bool], Allow]] = [
    (is_chooser, _chosen),
    (lambda field: isinstance(field, StreamField), _blocks),
    (lambda field: isinstance(field, RichTextField), _text),
]
