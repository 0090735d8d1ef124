"""For templates of the admin."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def until(at: datetime) -> str:
    """“in 6 hours”; “now” once it is over, for then it is only a matter of somebody's turn."""
    now = timezone.now()
    return _("in %(time)s") % {"time": timeuntil(at, now)} if at > now else _("now")
