"""Says it where somebody is about to act: beside the publish button while they write, and on the pages on which Wagtail
asks whether they are sure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from wagtail.admin.ui.components import Component
from wagtail.admin.views.page_privacy import SetPrivacyView
from wagtail.admin.views.pages.bulk_actions import DeleteBulkAction, MoveBulkAction, UnpublishBulkAction
from wagtail.admin.views.pages.delete import DeleteView
from wagtail.admin.views.pages.move import MoveConfirmView
from wagtail.admin.views.pages.preview import PreviewOnCreateView, PreviewOnEditView
from wagtail.admin.views.pages.unpublish import UnpublishView

from cms import sending

from . import pages


class OutlookOnEdit(PreviewOnEditView):
    """The form is posted as for a preview; ``said`` is empty while something in it is wrong."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        form = self.get_form(request.POST)
        if not sending.is_shareable(self.object) or not self.validate_form(form):
            return JsonResponse({"said": []})
        version = form.save(commit=False)
        version.set_url_path(form.parent_page)
        return JsonResponse({"said": pages.publishing(version, form.parent_page)})


class OutlookOnCreate(PreviewOnCreateView, OutlookOnEdit):
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        return OutlookOnEdit.post(self, request, *args, **kwargs)


class OutlookNote(Component):
    """A line that a script fills, in the panel and beside the publish button."""

    template_name = "cms/admin/outlook.html"


def note(request: HttpRequest, page: Any) -> OutlookNote | None:
    return OutlookNote()


class _Foretold:
    """For views of Wagtail's that ask on GET and act on POST."""

    request: HttpRequest

    def foretell(self) -> Iterable[str]:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if said := " ".join(self.foretell()):
            messages.warning(request, said)
        answer: HttpResponse = super().get(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class OurUnpublishView(_Foretold, UnpublishView):
    def foretell(self) -> list[str]:
        return pages.unpublishing(self.objects_to_unpublish)


class OurDeleteView(_Foretold, DeleteView):
    def foretell(self) -> list[str]:
        return pages.deleting(self.pages_to_delete)


class OurMoveConfirmView(_Foretold, MoveConfirmView):
    def foretell(self) -> list[str]:
        return pages.moving(self.page_to_move, self.destination)


class OurSetPrivacyView(SetPrivacyView):
    """A dialogue, so it stands below the choice."""

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["restriction_type"].help_text = " ".join(pages.restricting(self.page))
        return form


class _ForetoldInBulk(_Foretold):
    get_actionable_objects: Any

    @property
    def chosen(self) -> list[Any]:
        found: list[Any] = self.get_actionable_objects()[0]
        return found


class OurUnpublish(_ForetoldInBulk, UnpublishBulkAction):
    def foretell(self) -> list[str]:
        return pages.unpublishing(self.chosen)


class OurDelete(_ForetoldInBulk, DeleteBulkAction):
    def foretell(self) -> list[str]:
        return pages.deleting(self.chosen)


class OurMove(_ForetoldInBulk, MoveBulkAction):
    def foretell(self) -> list[str]:
        return pages.moving_somewhere(self.chosen)


_ADD = "pages/add/<slug:content_type_app_name>/<slug:content_type_model_name>/<int:parent_page_id>"
# Each is the address to which the form is sent, and “outlook/”.
urlpatterns: list[URLPattern] = [
    path(f"{_ADD}/outlook/", OutlookOnCreate.as_view(), name="cms_outlook_on_add"),
    path("pages/<int:page_id>/edit/outlook/", OutlookOnEdit.as_view(), name="cms_outlook"),
    path(
        "pages/<int:page_id>/revisions/<int:revision_id>/revert/outlook/",
        OutlookOnEdit.as_view(),
        name="cms_outlook_on_revert",
    ),
]
