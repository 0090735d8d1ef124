"""Puts our views in the place of Wagtail's, for pages of every type."""

from __future__ import annotations

from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page

from .edit import CheckedCreateView, CheckedEditView, CheckedRevertView
from .workflow import CheckedWorkflowActionView


class CheckedPages(PageViewSet):
    model = Page
    add_view_class = CheckedCreateView
    edit_view_class = CheckedEditView
    revisions_revert_view_class = CheckedRevertView
    workflow_action_view_class = CheckedWorkflowActionView
