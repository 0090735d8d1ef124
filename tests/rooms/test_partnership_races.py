"""What several people do at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from cms.limits import Limit, seconds_to_wait
from cms.models import User
from cms.partnership.invitations import NotInvited, accept, accept_as_new, invite
from cms.two_factor import factors
from tests.factories.cms_pages import make_organisation
from tests.factories.cms_people import make_editor, make_user
from tests.factories.second_factors import code_of, with_app

pytestmark = pytest.mark.usefixtures("committed_database")
Join = Callable[[str], object]


def at_once(act: Callable[[int], object], times: int = 2) -> list[object]:
    """What each of several threads returns, that begin together."""
    barrier = Barrier(times)

    def go(number: int) -> object:
        try:
            barrier.wait(timeout=60)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(go, range(times)))


def new(secret: str) -> None:
    accept_as_new(secret, User(), timezone.now())


def known(secret: str) -> None:
    accept(secret, make_user(), timezone.now())


@pytest.mark.parametrize("join", [new, known])
def test_of_two_who_open_one_link_together_one_wins(join: Join) -> None:
    """Fails without the lock on the row: both would find it open."""
    organisation = make_organisation()
    secret = invite(organisation, ["ana@partner.example"], make_editor(organisation), timezone.now())[0].secret

    def attempt(_: int) -> bool:
        try:
            join(secret)
        except NotInvited:
            return False
        return True

    assert sorted(at_once(attempt)) == [False, True]  # type: ignore[type-var]
    assert organisation.editors.user_set.count() == 2  # the one who invited, and one more


def test_attempts_at_once_are_all_counted() -> None:
    """Fails if the count is read and then written."""
    limit, now = Limit("test", most=5, seconds=60), timezone.now()
    waits = at_once(lambda _: seconds_to_wait(limit, "one", now), times=8)
    assert sum(wait == 0 for wait in waits) == 5


def test_of_two_who_show_one_code_together_one_gets_in() -> None:
    """Fails without the lock on the row: a code that was looked over a shoulder would work at the same moment."""
    factor, _recovery = with_app(make_user())
    code = code_of(factor)

    def attempt(_: int) -> bool:
        try:
            return factors.check(factor, code) is not None
        except factors.TooSoon:
            return False

    assert sum(map(bool, at_once(attempt, times=4))) == 1
