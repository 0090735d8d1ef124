"""Publishing what was translated sentence by sentence. Wagtail Localize writes the page at once; here it becomes a
draft, and the way to the public is the one that every page takes, with its checks, its warnings and “Undo”."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import HiddenInput
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.coreutils import find_available_slug
from wagtail.models import Page
from wagtail_localize.models import Translation, TranslationLog
from wagtail_localize.views.submit_translations import SubmitPageTranslationView
from wagtail_localize.views.update_translations import UpdateTranslationsForm, UpdateTranslationsView


class OurUpdateForm(UpdateTranslationsForm):
    """Without “Publish immediately”: the new sentences would go out in the source's language."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["publish_translations"]

    def clean(self) -> dict[str, Any]:
        return {**(super().clean() or {}), "publish_translations": False}


class OurUpdateView(UpdateTranslationsView):
    def get_form(self) -> OurUpdateForm:
        return OurUpdateForm(self.request.POST) if self.request.method == "POST" else OurUpdateForm()


class OurSubmitView(SubmitPageTranslationView):
    """One page at a time: with all that lies below, Wagtail Localize would write over what is translated already."""

    def get_form(self) -> Any:
        form = super().get_form()
        field = form.fields["include_subtree"]
        field.widget, field.disabled, field.initial = HiddenInput(), True, False
        return form


def publish_translation(request: HttpRequest, page: Page) -> HttpResponse | None:
    """For Wagtail's hook before the editor: answers the button “Publish” of a translation that is kept in step with its
    source, and nothing else."""
    if request.method != "POST" or request.POST.get("action") != "publish":
        return None
    found = Translation.objects.filter(
        source__object_id=page.translation_key, target_locale=page.locale_id, enabled=True
    ).first()
    if found is None:
        return None
    if not page.permissions_for_user(request.user).can_publish():
        raise PermissionDenied
    try:
        keep_draft(found, request.user)
    except ValidationError as error:
        messages.error(request, _("The translation could not be kept: %(why)s") % {"why": " ".join(error.messages)})
        return redirect(request.path)
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    return redirect(f"{address}?{urlencode({'id': page.pk, 'next': request.path})}")


@transaction.atomic
def keep_draft(translation: Translation, user: Any) -> Any:
    """A version of the page with everything that is translated by now, the rest in the source's words. What readers see
    stays as it is. Raises ValidationError."""
    page = translation.source.get_ephemeral_translated_instance(translation.target_locale, fallback=True)
    page.slug = find_available_slug(page.get_parent(), slugify(page.slug), ignore_page_id=page.pk)
    revision = page.save_revision(user=user, log_action=True)
    TranslationLog.objects.create(source=translation.source, locale=translation.target_locale, revision=revision)
    return revision
