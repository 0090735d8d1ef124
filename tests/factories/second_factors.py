"""People with an authenticator app."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django_otp.oath import totp

from cms.models import GroupRule, SecondFactor, User
from cms.sealing import unseal
from cms.two_factor import factors

PASSWORD = "correct horse battery"  # of everybody in ``cms_people``
SHOW, SET_UP = "/-/two-factor/", "/-/two-factor/set-up/"


def require(group: Any) -> None:
    GroupRule.objects.create(group=group, second_factor=True)


def code_of(factor: SecondFactor, ahead: int = 0) -> str:
    """What the app shows; ``ahead`` steps later, so that one test can show several."""
    return f"{totp(unseal(SecondFactor.objects.get(pk=factor.pk).secret), drift=ahead):06d}"


def with_app(user: User) -> tuple[SecondFactor, list[str]]:
    """Somebody's app that is in use, and the recovery codes. No code is used up yet."""
    factor = factors.begin(user)
    fresh = factors.confirm(factor, code_of(factor))
    assert fresh
    SecondFactor.objects.filter(pk=factor.pk).update(last_step=-1)
    return SecondFactor.objects.get(pk=factor.pk), fresh


def leads_to(response: Any) -> str:
    assert response.status_code == 302, response.status_code
    return urlsplit(response["Location"]).path
