"""How the history of a page tells what our own entries hold."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.log_actions import LogFormatter


class WentOutLacking(LogFormatter):
    label = gettext_lazy("Published with something lacking")

    def format_message(self, entry: Any) -> str:
        return _("Published at its time, although: %(sentences)s") % {"sentences": _sentences(entry)}


class PublishedAnyway(LogFormatter):
    label = gettext_lazy("Published despite warnings")

    def format_message(self, entry: Any) -> str:
        return _("To be published, although: %(sentences)s") % {"sentences": _sentences(entry)}


class WaitsToBeSent(LogFormatter):
    label = gettext_lazy("Published, to be sent in a moment")

    def format_message(self, entry: Any) -> str:
        seconds = entry.data.get("seconds", 0)
        return ngettext(
            "Published, to be sent in %(seconds)d second", "Published, to be sent in %(seconds)d seconds", seconds
        ) % {"seconds": seconds}


def _sentences(entry: Any) -> str:
    return " ".join(entry.data.get("sentences", []))
