"""Two-factor login: a door in front of everything, codes that work once, and secrets that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.models import ModelLogEntry, PageViewRestriction

from cms.models import OrganisationPage, SecondFactor, User
from cms.two_factor import factors
from cms.two_factor.factors import TooSoon
from cms.two_factor.gate import SecondFactorGate
from tests.factories.admin_clients import signed_in
from tests.factories.cms_pages import make_news, make_organisation
from tests.factories.cms_people import make_admin, make_editor, make_user
from tests.factories.second_factors import PASSWORD, SET_UP, SHOW, code_of, leads_to, require, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation("Aspen Watch")


@pytest.fixture
def editor(organisation: OrganisationPage) -> User:
    return make_editor(organisation)


# The door


def admin_paths() -> Iterator[str]:
    """An address for each pattern of the admin."""

    def routes(patterns: list[Any], above: str) -> Iterator[str]:
        for found in patterns:
            route = above + str(found.pattern)
            if isinstance(found, URLResolver):
                yield from routes(found.url_patterns, route)
            elif isinstance(found, URLPattern):
                yield route

    for route in routes(get_resolver().url_patterns, ""):
        if route.startswith("admin/"):
            path = re.sub(r"\(\?P<\w+>[^)]*\)|<[\w:]+>", "1", route)
            yield "/" + path.replace("^", "").replace("$", "").replace(".*", "x").replace("\\", "")


OPEN_TO_ALL = ("/admin/login/", "/admin/logout/", "/admin/sprite/", "/admin/jsi18n/")


@pytest.mark.parametrize(("has_app", "door"), [(True, SHOW), (False, SET_UP)])
def test_every_address_of_the_admin_leads_to_the_door(organisation: OrganisationPage, has_app: bool, door: str) -> None:
    """Fails if the gate lets one through that it does not know."""
    superuser = make_admin()
    superuser.groups.add(organisation.editors)
    require(organisation.editors)
    if has_app:
        with_app(superuser)
    client = signed_in(superuser)
    paths = [path for path in admin_paths() if not path.startswith(OPEN_TO_ALL)]
    assert len(paths) > 150
    for path in paths:
        for response in (client.get(path), client.post(path)):
            if path.startswith("/admin/api/"):
                assert (response.status_code, response.json()["error"]) == (403, "two_factor"), path
            else:
                assert leads_to(response) == door, path


def test_programs_are_told_in_their_way(editor: User) -> None:
    with_app(editor)
    client = signed_in(editor)
    for headers in ({"x-requested-with": "XMLHttpRequest"}, {"accept": "application/json"}):
        response = client.get("/admin/images/", headers=headers)
        assert (response.status_code, response["Content-Type"]) == (403, "application/json")


def test_without_a_rule_and_without_an_app_nothing_changes(editor: User) -> None:
    assert signed_in(editor).get("/admin/").status_code == 200


def test_elsewhere_the_half_logged_in_are_strangers(editor: User, organisation: OrganisationPage) -> None:
    """Fails if the gate looks after the admin only: a page for one group would open with the password alone."""
    page = make_news(organisation)
    restriction = PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.GROUPS)
    restriction.groups.add(organisation.editors)
    client = signed_in(editor)
    assert client.get(page.url).status_code == 200
    factor, _codes = with_app(editor)
    assert leads_to(client.get(page.url)) != page.url
    client.post(SHOW, {"code": code_of(factor)})
    assert client.get(page.url).status_code == 200


def test_readers_are_not_asked_who_they_are(settings: LazySettings) -> None:
    """Fails if the gate looks for a user where there is no session: each reader would cost queries."""

    class Reader(HttpRequest):
        user = property(lambda self: pytest.fail("was asked"))

    request = Reader()
    request.path = "/"
    request.COOKIES = {settings.SESSION_COOKIE_NAME: "\x00"}  # this is no session either
    assert SecondFactorGate(HttpResponse).process_view(request, HttpResponse, (), {}) is None


def test_a_session_that_showed_a_code_costs_less_than_one_without_an_app(editor: User) -> None:
    client = signed_in(editor)

    def queries() -> int:
        client.get("/admin/account/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/admin/account/").status_code == 200
        return len(captured)

    without = queries()  # here it looks for an app and for a rule, two queries
    factor, _codes = with_app(editor)
    client.post(SHOW, {"code": code_of(factor)})
    assert queries() == without - 1


# Showing a code


def test_a_code_opens_the_way_to_where_one_was_going(editor: User) -> None:
    factor, _codes = with_app(editor)
    client = signed_in(editor)
    door = client.get("/admin/images/?q=tree")
    wanted = parse_qs(urlsplit(door["Location"]).query)["next"][0]
    assert wanted == "/admin/images/?q=tree"
    assert client.post(SHOW, {"code": code_of(factor), "next": wanted})["Location"] == wanted
    assert client.get(wanted).status_code == 200


def test_the_whole_login_asks_for_both(editor: User) -> None:
    factor, _codes = with_app(editor)
    client = Client()
    client.post("/admin/login/", {"username": editor.username, "password": PASSWORD})
    assert leads_to(client.get("/admin/")) == SHOW
    client.post(SHOW, {"code": code_of(factor)})
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")
    client.post("/admin/login/", {"username": editor.username, "password": PASSWORD})
    assert leads_to(client.get("/admin/")) == SHOW  # the next session shows one again


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_it_leads_nobody_away(editor: User, wanted: str) -> None:
    factor, _codes = with_app(editor)
    response = signed_in(editor).post(SHOW, {"code": code_of(factor), "next": wanted})
    assert response["Location"] == "/admin/"


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "1" * 50])
def test_a_wrong_code_opens_nothing(editor: User, code: str) -> None:
    factor, _codes = with_app(editor)
    if code == code_of(factor):
        pytest.skip("one in a million")
    client = signed_in(editor)
    assert client.post(SHOW, {"code": code}).status_code == 200
    assert leads_to(client.get("/admin/")) == SHOW


def test_somebody_elses_code_opens_nothing(editor: User) -> None:
    with_app(editor)
    theirs, their_codes = with_app(make_user())
    for code in (code_of(theirs), their_codes[0]):
        SecondFactor.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        assert signed_in(editor).post(SHOW, {"code": code}).status_code == 200


def test_a_code_is_not_taken_twice(editor: User) -> None:
    """Fails if the step is not stored."""
    factor, _codes = with_app(editor)
    code = code_of(factor)
    assert factors.check(factor, code)
    assert factors.check(factor, code) is None


def test_a_recovery_code_works_once(editor: User) -> None:
    factor, fresh = with_app(editor)
    assert factors.check(factor, fresh[0].upper())
    assert factors.check(factor, fresh[0]) is None
    assert factor.recovery_codes.count() == 9


def test_wrong_codes_make_one_wait_longer_and_longer(editor: User) -> None:
    """Fails without the count: a million codes are tried in an hour."""
    factor, _codes = with_app(editor)
    for failures in range(1, 15):
        assert factors.check(factor, "000000") is None
        with pytest.raises(TooSoon) as raised:
            factors.check(factor, code_of(factor))
        row = SecondFactor.objects.get(pk=factor.pk)
        waited = raised.value.until - row.throttling_failure_timestamp
        assert waited == timedelta(seconds=2 ** (min(failures, 13) - 1))
        SecondFactor.objects.update(throttling_failure_timestamp=timezone.now() - waited)
    assert factors.check(factor, code_of(factor))
    assert SecondFactor.objects.get(pk=factor.pk).throttling_failure_count == 0


def test_who_has_to_wait_is_told_so(editor: User) -> None:
    with_app(editor)
    client = signed_in(editor)
    for _ in range(3):
        text = client.post(SHOW, {"code": "x"}).content.decode()
    assert "Please try again after" in text


# Setting up


def test_who_must_is_led_through_and_gets_recovery_codes_once(editor: User, organisation: OrganisationPage) -> None:
    require(organisation.editors)
    client = signed_in(editor)
    assert leads_to(client.get("/admin/")) == SET_UP
    text = client.get(SET_UP).content.decode()
    factor = SecondFactor.objects.get()
    picture = client.get("/-/two-factor/picture.svg")
    assert (picture["Content-Type"], b"<svg" in picture.content) == ("image/svg+xml", True)
    assert 'src="/-/two-factor/picture.svg"' in text
    shown = client.post(SET_UP, {"code": code_of(factor), "password": PASSWORD}).content.decode()
    assert len(set(re.findall(r"<code>([a-z0-9-]{19})</code>", shown))) == 10
    assert client.get("/admin/").status_code == 200
    assert [message.to for message in mail.outbox] == []  # no address
    assert ModelLogEntry.objects.get(action="cms.two_factor.set_up").object_id == str(editor.pk)


def test_opening_the_form_again_shows_the_same_key(editor: User) -> None:
    client = signed_in(editor)
    first, second = (client.get(SET_UP).context["spoken"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("changes", [{"password": "wrong"}, {"code": "000000"}, {"password": ""}, {"code": ""}])
def test_without_password_and_code_nothing_is_set_up(editor: User, changes: dict[str, str]) -> None:
    client = signed_in(editor)
    client.get(SET_UP)
    data = {"code": code_of(SecondFactor.objects.get()), "password": PASSWORD} | changes
    assert client.post(SET_UP, data).status_code == 200
    assert not SecondFactor.objects.filter(confirmed=True).exists()


def test_passwords_cannot_be_guessed_there(editor: User) -> None:
    client = signed_in(editor)
    client.get(SET_UP)
    for _ in range(11):
        text = client.post(SET_UP, {"code": "x", "password": "wrong"}).content.decode()
    assert "too many attempts" in text


def test_another_app_takes_the_place_of_the_first(editor: User) -> None:
    former, fresh = with_app(editor)
    client = signed_in(editor)
    client.post(SHOW, {"code": code_of(former)})
    client.get(SET_UP)
    new = SecondFactor.objects.get(confirmed=False)
    client.post(SET_UP, {"code": code_of(new), "password": PASSWORD})
    assert list(SecondFactor.objects.values_list("pk", "confirmed")) == [(new.pk, True)]
    assert factors.check(new, fresh[0]) is None
    assert client.get("/admin/").status_code == 200


def test_nobody_sets_another_app_up_without_the_first(editor: User) -> None:
    """Fails if the form is open to whoever has only the password."""
    with_app(editor)
    client = signed_in(editor)
    for response in (client.get(SET_UP), client.post(SET_UP, {}), client.get("/-/two-factor/picture.svg")):
        assert leads_to(response) == SHOW


# Changing


@pytest.fixture
def shown(editor: User) -> tuple[Client, SecondFactor, list[str]]:
    """A session that has shown a code; its factor, and a used recovery code followed by nine good ones."""
    factor, fresh = with_app(editor)
    client = signed_in(editor)
    client.post(SHOW, {"code": fresh[0]})
    return client, SecondFactor.objects.get(pk=factor.pk), fresh


def test_turning_it_off_takes_a_code(shown: tuple[Client, SecondFactor, list[str]]) -> None:
    client, _factor, (used, good, *_more) = shown
    client.post("/admin/two-factor/off/", {"code": used})
    assert SecondFactor.objects.exists()
    SecondFactor.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    client.post("/admin/two-factor/off/", {"code": good})
    assert not SecondFactor.objects.exists()
    assert ModelLogEntry.objects.filter(action="cms.two_factor.turn_off").exists()


def test_who_must_cannot_turn_it_off(
    shown: tuple[Client, SecondFactor, list[str]], organisation: OrganisationPage
) -> None:
    client, _factor, (_used, good, *_more) = shown
    require(organisation.editors)
    client.post("/admin/two-factor/off/", {"code": good})
    assert SecondFactor.objects.exists()


def test_new_recovery_codes_end_the_old_ones(shown: tuple[Client, SecondFactor, list[str]]) -> None:
    client, factor, (_used, good, another, *_more) = shown
    text = client.post("/admin/two-factor/recovery-codes/", {"code": good}).content.decode()
    new = re.findall(r"<code>([a-z0-9-]{19})</code>", text)
    assert (len(new), factors.check(factor, another)) == (10, None)


def test_the_account_leads_there(editor: User) -> None:
    assert reverse("two_factor") in signed_in(editor).get("/admin/account/").content.decode()
