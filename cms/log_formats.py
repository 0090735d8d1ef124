"""How the history of a page tells what our own entries hold."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogFormatter


class WentOutLacking(LogFormatter):
    label = gettext_lazy("Published with something lacking")

    def format_message(self, entry: Any) -> str:
        return _("Published at its time, although: %(sentences)s") % {"sentences": _sentences(entry)}


class PublishedAnyway(LogFormatter):
    label = gettext_lazy("Published despite warnings")

    def format_message(self, entry: Any) -> str:
        return _("To be published, although: %(sentences)s") % {"sentences": _sentences(entry)}


def _sentences(entry: Any) -> str:
    return " ".join(entry.data.get("sentences", []))
