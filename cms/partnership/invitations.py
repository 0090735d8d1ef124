"""Asks people to work for an organisation. A link works once and until it expires; who opens it first, wins. The secret
in it is nowhere but in the mail: only its hash is stored."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from wagtail.log_actions import log

from cms.addresses import absolute
from cms.models import Invitation, InvitationState, OrganisationPage, User

from .away import is_away

MOST_AT_ONCE = 20
KEPT_DAYS = 90


class NotInvited(Exception):
    """The link leads nowhere (any more). ``state`` says why; None for a link that nobody knows."""

    def __init__(self, state: InvitationState | None) -> None:
        super().__init__(state)
        self.state = state


class PartnerAway(Exception):
    """The organisation has left: nobody is invited to it until it comes back."""


class AccountExists(Exception):
    """Somebody has an account with the invitation's address, and should log in with it."""


@dataclass(frozen=True, slots=True)
class Issued:
    """An invitation with its secret, which exists only here and in the link."""

    invitation: Invitation
    secret: str

    @property
    def link(self) -> str:
        return absolute(f"/-/invitation/{self.secret}/")


def digest_of(secret: str) -> str:
    """The secret has 256 bits by lot, so a plain hash cannot be guessed backwards."""
    return sha256(secret.encode()).hexdigest()


def invite(organisation: OrganisationPage, emails: Iterable[str], user: Any, now: datetime) -> list[Issued]:
    """A new link for each address; one that was invited already gets a new link in the place of the old. Raises
    PartnerAway."""
    issued = []
    with transaction.atomic():
        # Whoever lets the partner leave holds the same row: nobody is invited in the meantime.
        OrganisationPage.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        if is_away(organisation.publisher_key):
            raise PartnerAway
        for email in emails:
            found = open_invitations(organisation).filter(email__iexact=email).first()
            issued.append(_issue(found or Invitation(organisation=organisation, email=email), user, now))
            log(instance=organisation, action="cms.invite", user=user)
    return issued


def renew(invitation: Invitation, user: Any, now: datetime) -> Issued:
    """A new link in the place of the former, with its full time. Raises NotInvited if it was accepted or withdrawn
    meanwhile, and PartnerAway."""
    with transaction.atomic():
        row = _locked(pk=invitation.pk)
        if row is None or row.state(now) not in (InvitationState.OPEN, InvitationState.EXPIRED):
            raise NotInvited(row.state(now) if row else None)
        if is_away(row.organisation.publisher_key):
            raise PartnerAway
        issued = _issue(row, user, now)
        log(instance=row.organisation, action="cms.invite.renew", user=user)
    return issued


def withdraw(invitations: QuerySet[Invitation], user: Any, now: datetime) -> int:
    """From now on their links lead nowhere; how many were open."""
    rows = invitations.filter(accepted_at=None, withdrawn_at=None)
    with transaction.atomic():
        organisations = {row.organisation_id: row.organisation for row in rows.select_for_update(of=("self",))}
        count = rows.update(withdrawn_at=now)
        for organisation in organisations.values():
            log(instance=organisation, action="cms.invite.withdraw", user=user)
    return count


def find(secret: str, now: datetime) -> Invitation:
    """The open invitation of a link; raises NotInvited. Changes nothing: programs open the links in mails to look for
    viruses, before any person does."""
    row = Invitation.objects.select_related("organisation").filter(digest=digest_of(secret)).first()
    if row is None or row.state(now) is not InvitationState.OPEN:
        raise NotInvited(row.state(now) if row else None)
    return row


def accept(secret: str, user: User, now: datetime) -> Invitation:
    """Puts somebody who has an account into the organisation's group. Of two at once the second finds the link used.
    Raises NotInvited."""
    with transaction.atomic():
        row = _open_row(secret, now)
        _admit(row, user, now)
    return row


def accept_as_new(secret: str, user: User, now: datetime) -> Invitation:
    """The same for somebody who has none: the unsaved ``user`` gets the invitation's address, also as user name, and is
    saved. Raises NotInvited, and AccountExists if there is an account with this address."""
    try:
        with transaction.atomic():
            row = _open_row(secret, now)
            if User.objects.filter(email__iexact=row.email).exists():
                raise AccountExists
            user.email, user.username = row.email, _free_username(row.email)
            user.save()
            _admit(row, user, now)
    except IntegrityError as error:  # another invitation of the same person was accepted in this moment
        raise AccountExists from error
    return row


def open_invitations(organisation: OrganisationPage) -> QuerySet[Invitation]:
    """Neither accepted nor withdrawn; some may have expired, and can be renewed."""
    return Invitation.objects.filter(organisation=organisation, accepted_at=None, withdrawn_at=None)


def note_sent(issued: Issued, now: datetime, *, arrived: bool) -> None:
    """What became of the mail, unless there is a newer link already."""
    moment = {"sent_at": now, "failed_at": None} if arrived else {"failed_at": now}
    Invitation.objects.filter(pk=issued.invitation.pk, digest=digest_of(issued.secret)).update(**moment)


def forget_old(now: datetime) -> int:
    """Addresses of people are kept no longer than somebody may want to look; how many were removed."""
    end = now - timedelta(days=KEPT_DAYS)
    old = Q(accepted_at__lt=end) | Q(withdrawn_at__lt=end) | Q(expires_at__lt=end)
    return Invitation.objects.filter(old).delete()[0]


def _issue(row: Invitation, user: Any, now: datetime) -> Issued:
    secret = secrets.token_urlsafe(32)
    row.digest = digest_of(secret)
    row.invited_by = user
    row.created = row.created or now
    row.expires_at = now + timedelta(days=settings.INVITATION_DAYS)
    row.sent_at = row.failed_at = None
    row.save()
    return Issued(row, secret)


def _open_row(secret: str, now: datetime) -> Invitation:
    row = _locked(digest=digest_of(secret))
    if row is None or row.state(now) is not InvitationState.OPEN:
        raise NotInvited(row.state(now) if row else None)
    return row


def _admit(row: Invitation, user: User, now: datetime) -> None:
    row.accepted_at, row.accepted_by = now, user
    row.save(update_fields=["accepted_at", "accepted_by"])
    assert row.organisation.editors is not None  # every organisation has one since it was first saved
    user.groups.add(row.organisation.editors)
    log(instance=row.organisation, action="cms.invite.accept", user=user)


def _free_username(email: str) -> str:
    """The address itself, unless somebody whose address it was once has it as their user name."""
    base, number = email.lower()[:140], 1
    name = base
    while User.objects.filter(username__iexact=name).exists():
        number += 1
        name = f"{base}-{number}"
    return name


def _locked(**lookup: Any) -> Invitation | None:
    rows = Invitation.objects.select_related("organisation").select_for_update(of=("self",))
    return rows.filter(**lookup).first()
