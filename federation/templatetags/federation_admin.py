"""For templates of the admin."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from federation.admin.words import words_of

register = template.Library()
register.filter("words_of", words_of)


@register.filter
def until(at: datetime) -> str:
    """“in 6 hours”; “now” once it is over, for then it is only a matter of somebody's turn."""
    now = timezone.now()
    return _("in %(time)s") % {"time": timeuntil(at, now)} if at > now else _("now")
