"""Puts our views in the place of Wagtail's, for pages of every type."""

from __future__ import annotations

from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page

from cms.outlook.views import OurDeleteView, OurMoveConfirmView, OurSetPrivacyView, OurUnpublishView

from .edit import OurCreateView, OurEditView, OurRevertView
from .workflow import OurWorkflowActionView


class OurPages(PageViewSet):
    model = Page
    add_view_class = OurCreateView
    edit_view_class = OurEditView
    revisions_revert_view_class = OurRevertView
    workflow_action_view_class = OurWorkflowActionView
    unpublish_view_class = OurUnpublishView
    delete_view_class = OurDeleteView
    move_confirm_view_class = OurMoveConfirmView
    set_privacy_view_class = OurSetPrivacyView
