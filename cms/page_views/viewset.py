"""Puts our views in the place of Wagtail's, for pages of every type."""

from __future__ import annotations

from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page

from .edit import OurCreateView, OurEditView, OurRevertView
from .workflow import OurWorkflowActionView


class OurPages(PageViewSet):
    model = Page
    add_view_class = OurCreateView
    edit_view_class = OurEditView
    revisions_revert_view_class = OurRevertView
    workflow_action_view_class = OurWorkflowActionView
