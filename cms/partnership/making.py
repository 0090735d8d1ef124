"""Makes a partner: the page, and with it (``cms.partners``) the profile's handle, the group and the collection."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from cms.models import OrganisationPage

from .invitations import Issued, invite
from .who import find_home


def make_partner(
    page: OrganisationPage, user: Any, now: datetime, *, live: bool, emails: Iterable[str] = ()
) -> tuple[OrganisationPage, list[Issued]]:
    """Adds the unsaved ``page`` under the front page and invites people to it, all or nothing. The invitations are to
    be sent once that is committed. Raises ValidationError if the handle was just taken, and LookupError without a front
    page."""
    home = find_home()
    if home is None:
        raise LookupError("the default site has no front page")
    with transaction.atomic():
        page.live = False
        page.owner = user
        home.add_child(instance=page)
        revision = page.save_revision(user=user, log_action="wagtail.create")
        if live:
            revision.publish(user=user)
        made = OrganisationPage.objects.get(pk=page.pk)
        return made, invite(made, emails, user, now)
