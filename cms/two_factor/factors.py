"""Who has a second factor, who must, and whether a code is right."""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from cms.models import GroupRule, RecoveryCode, SecondFactor, User
from cms.sealing import Unreadable, seal, unseal

from . import codes

logger = logging.getLogger(__name__)


class Standing(StrEnum):
    """What somebody who logged in with a password has to do before anything else."""

    FREE = "free"
    MUST_SHOW = "must show a code"
    MUST_SET_UP = "must set an app up"


class TooSoon(Exception):
    """There were wrong codes; ``until`` is when the next may be tried."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def standing_of(user: Any) -> Standing:
    """``user`` comes through django-otp's middleware, which knows whether a code was shown in this session."""
    if not user.is_authenticated or user.is_verified():
        return Standing.FREE
    if find_factor(user) is not None:
        return Standing.MUST_SHOW
    return Standing.MUST_SET_UP if is_required(user) else Standing.FREE


def is_required(user: Any) -> bool:
    return GroupRule.objects.filter(group__user=user.pk, second_factor=True).exists()


def find_factor(user: Any) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user.pk, confirmed=True).first()


def begin(user: User) -> SecondFactor:
    """The app that is being set up, the same each time until it is confirmed."""
    found, _new = SecondFactor.objects.get_or_create(
        user=user, confirmed=False, defaults={"secret": seal(codes.new_secret()), "name": "app"}
    )
    try:
        unseal(found.secret)
    except Unreadable:  # nobody has confirmed it, so nothing is lost
        found.secret = seal(codes.new_secret())
        found.save(update_fields=["secret"])
    return found


def check(factor: SecondFactor, code: str) -> SecondFactor | None:
    """The factor, if the code is right: one of its app, or one of its recovery codes, which is used up then. Raises
    TooSoon. Attempts come one after the other, so that none is taken twice and none escapes the count."""
    with transaction.atomic():
        row = SecondFactor.objects.select_for_update().filter(pk=factor.pk, user=factor.user_id).first()
        if row is None:
            return None
        allowed, why = row.verify_is_allowed()
        if not allowed:
            raise TooSoon(why["locked_until"])
        if not _is_right(row, codes.tidy(code)):
            row.throttle_increment()
            return None
        row.throttle_reset(commit=False)
        row.set_last_used_timestamp(commit=False)
        row.save()
        return row


def confirm(factor: SecondFactor, code: str) -> list[str] | None:
    """Takes the new app in the place of the former one, if it shows the right code; then new recovery codes, to be
    shown once. None for a wrong code. Raises TooSoon."""
    with transaction.atomic():
        row = check(factor, code)
        if row is None or row.confirmed:
            return None
        SecondFactor.objects.filter(user=row.user_id, confirmed=True).delete()
        row.confirmed = True
        row.save(update_fields=["confirmed"])
        log(instance=row.user, action="cms.two_factor.set_up", user=row.user)
        return renew_recovery_codes(row)


def renew_recovery_codes(factor: SecondFactor) -> list[str]:
    """Ten new ones; those before do not work any more."""
    fresh = codes.new_recovery_codes()
    with transaction.atomic():
        factor.recovery_codes.all().delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(factor=factor, digest=codes.digest_of(code)) for code in fresh)
    return fresh


def turn_off(user: User, by: Any) -> bool:
    """From now on the password is enough, unless a group of theirs asks for more: then they set up anew. ``by`` is None
    for whoever runs the server. Whether there was anything to turn off."""
    with transaction.atomic():
        there = SecondFactor.objects.filter(user=user, confirmed=True).exists()
        SecondFactor.objects.filter(user=user).delete()
        if there:
            own = by is not None and by.pk == user.pk
            log(instance=user, action="cms.two_factor.turn_off" if own else "cms.two_factor.reset", user=by)
    return there


def _is_right(row: SecondFactor, code: str) -> bool:
    if codes.is_time_code(code):
        try:
            secret = unseal(row.secret)
        except Unreadable:
            logger.exception("no key in FEDERATION_KEYS opens the app of user %s", row.user_id)
            return False
        step = codes.find_step(secret, code, timezone.now().timestamp(), row.last_step)
        if step is not None:
            row.last_step = step
            row.secret = seal(secret)  # with the newest key of the ring, so that an older one can go some day
        return step is not None
    return bool(row.confirmed and row.recovery_codes.filter(digest=codes.digest_of(code)).delete()[0])
