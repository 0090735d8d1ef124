"""Two-factor login: a door in front of everything, codes that work once, and secrets that nobody reads."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.conf import LazySettings
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_otp.oath import totp
from wagtail.models import ModelLogEntry, PageViewRestriction

from cms.models import GroupRule, OrganisationPage, RecoveryCode, SecondFactor, User
from cms.sealing import seal, unseal
from cms.two_factor import factors
from cms.two_factor.factors import Standing, TooSoon
from cms.two_factor.gate import SecondFactorGate
from tests.factories.admin_clients import signed_in
from tests.factories.cms_pages import make_news, make_organisation
from tests.factories.cms_people import make_admin, make_editor, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SHOW, SET_UP = "/-/two-factor/", "/-/two-factor/set-up/"


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation("Aspen Watch")


@pytest.fixture
def editor(organisation: OrganisationPage) -> User:
    return make_editor(organisation)


def require(group: Any) -> None:
    GroupRule.objects.create(group=group, second_factor=True)


def code_of(factor: SecondFactor, ahead: int = 0) -> str:
    """What the app shows; ``ahead`` steps later, so that one test can show several."""
    return f"{totp(unseal(SecondFactor.objects.get(pk=factor.pk).secret), drift=ahead):06d}"


def with_app(user: User) -> tuple[SecondFactor, list[str]]:
    """Somebody's app that is in use, and the recovery codes. The codes of this moment are not used up."""
    factor = factors.begin(user)
    fresh = factors.confirm(factor, code_of(factor, -1))
    assert fresh
    return SecondFactor.objects.get(pk=factor.pk), fresh


def leads_to(response: Any) -> str:
    assert response.status_code == 302, response.status_code
    return urlsplit(response["Location"]).path


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
    """A session that has shown a code."""
    factor, fresh = with_app(editor)
    client = signed_in(editor)
    client.post(SHOW, {"code": code_of(factor)})
    return client, SecondFactor.objects.get(pk=factor.pk), fresh


def test_turning_it_off_takes_a_code(shown: tuple[Client, SecondFactor, list[str]]) -> None:
    client, factor, fresh = shown
    client.post("/admin/two-factor/off/", {"code": code_of(factor)})  # this one is used up
    assert SecondFactor.objects.exists()
    SecondFactor.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    client.post("/admin/two-factor/off/", {"code": fresh[0]})
    assert not SecondFactor.objects.exists()
    assert ModelLogEntry.objects.filter(action="cms.two_factor.turn_off").exists()


def test_who_must_cannot_turn_it_off(
    shown: tuple[Client, SecondFactor, list[str]], organisation: OrganisationPage
) -> None:
    client, _factor, fresh = shown
    require(organisation.editors)
    client.post("/admin/two-factor/off/", {"code": fresh[0]})
    assert SecondFactor.objects.exists()


def test_new_recovery_codes_end_the_old_ones(shown: tuple[Client, SecondFactor, list[str]]) -> None:
    client, factor, fresh = shown
    text = client.post("/admin/two-factor/recovery-codes/", {"code": fresh[0]}).content.decode()
    new = re.findall(r"<code>([a-z0-9-]{19})</code>", text)
    assert (len(new), factors.check(factor, fresh[1])) == (10, None)


def test_the_account_leads_there(editor: User) -> None:
    assert reverse("two_factor") in signed_in(editor).get("/admin/account/").content.decode()


# Lost


def test_an_administrator_resets_it(editor: User) -> None:
    with_app(editor)
    User.objects.filter(pk=editor.pk).update(email="ana@partner.example")
    client, address = signed_in(make_admin()), reverse("two_factor_reset", args=[editor.pk])
    assert address in client.get(reverse("wagtailusers_users:index")).content.decode()
    assert client.get(address).status_code == 200
    assert SecondFactor.objects.exists()  # looking changes nothing
    client.post(address)
    assert not SecondFactor.objects.exists()
    entry = ModelLogEntry.objects.get(action="cms.two_factor.reset")
    assert (entry.object_id, entry.user.is_superuser) == (str(editor.pk), True)
    assert [message.to for message in mail.outbox] == [["ana@partner.example"]]


def _user_administrator() -> User:
    """Who may change accounts, without being a superuser."""
    user, group = make_user(), Group.objects.create(name="People")
    for label, name in (("wagtailadmin", "access_admin"), ("cms", "change_user")):
        group.permissions.add(Permission.objects.get(content_type__app_label=label, codename=name))
    user.groups.add(group)
    return user


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        (_user_administrator, make_user, 302),
        (_user_administrator, make_admin, 404),
        (make_user, make_user, 302),  # no access to the admin at all: the login
    ],
)
def test_only_who_may_change_the_account_resets_it(
    who: Callable[[], User], whose: Callable[[], User], status: int
) -> None:
    person = whose()
    with_app(person)
    response = signed_in(who()).post(reverse("two_factor_reset", args=[person.pk]))
    assert response.status_code == status
    assert SecondFactor.objects.exists() is (response.status_code == 404 or "login" in response["Location"])


def test_nobody_resets_their_own(organisation: OrganisationPage) -> None:
    """Fails if an open screen of an administrator is enough to turn it off."""
    user = make_admin()
    factor, _codes = with_app(user)
    client = signed_in(user)
    client.post(SHOW, {"code": code_of(factor)})
    assert client.post(reverse("two_factor_reset", args=[user.pk])).status_code == 404


def test_whoever_runs_the_server_resets_the_last_administrator() -> None:
    user = make_admin()
    with_app(user)
    call_command("reset_two_factor", user.username)
    assert factors.find_factor(user) is None
    with pytest.raises(CommandError):
        call_command("reset_two_factor", "nobody")


# Rules and secrets


def test_a_group_asks_for_it_on_its_own_form(organisation: OrganisationPage, editor: User) -> None:
    client = signed_in(make_admin())
    address = reverse("wagtailusers_groups:edit", args=[organisation.editors.pk])
    page = client.get(address).content.decode()
    assert 'name="rule-second_factor"' in page
    data = dict(re.findall(r'name="([\w-]+-(?:TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS)" value="(\d*)"', page))
    data = dict.fromkeys(data, "0") | {"name": organisation.editors.name}
    assert client.post(address, data | {"rule-second_factor": "on"}).status_code == 302
    assert factors.is_required(editor)
    client.post(address, data)
    assert not factors.is_required(editor)


def test_a_new_group_can_ask_for_it_at_once() -> None:
    client = signed_in(make_admin())
    address = reverse("wagtailusers_groups:add")
    page = client.get(address).content.decode()
    names = re.findall(r'name="([\w-]+_FORMS)"', page)
    client.post(address, dict.fromkeys(names, "0") | {"name": "Strict", "rule-second_factor": "on"})
    assert GroupRule.objects.get(group__name="Strict").second_factor


def test_standing_is_what_is_left_to_do(editor: User, organisation: OrganisationPage) -> None:
    editor.is_verified = lambda: False  # type: ignore[attr-defined]
    assert factors.standing_of(editor) is Standing.FREE
    require(organisation.editors)
    assert factors.standing_of(editor) is Standing.MUST_SET_UP
    with_app(editor)
    assert factors.standing_of(editor) is Standing.MUST_SHOW


def test_no_secret_can_be_read_in_the_database(editor: User) -> None:
    """Fails if a secret or a recovery code is stored as it is."""
    factor, fresh = with_app(editor)
    secret = unseal(factor.secret)
    with connection.cursor() as cursor:
        cursor.execute("SELECT f::text, convert_from(f.secret, 'LATIN1') FROM cms_secondfactor f")
        rows = " ".join(cursor.fetchone())
        cursor.execute("SELECT string_agg(c::text, ' ') FROM cms_recoverycode c")
        rows += cursor.fetchone()[0]
    shapes = (secret.hex(), b64encode(secret).decode(), secret.decode("latin1"), fresh[0], fresh[0].replace("-", ""))
    assert [shape for shape in shapes if shape in rows] == []
    assert RecoveryCode.objects.count() == 10


def test_a_new_key_in_front_of_the_ring_leaves_the_old_apps_working(editor: User, settings: LazySettings) -> None:
    factor, _codes = with_app(editor)
    settings.SEALING_KEYS = (Fernet.generate_key().decode(), *settings.SEALING_KEYS)
    assert factors.check(factor, code_of(factor))


def test_whoever_logged_in_since_needs_the_old_key_of_the_ring_no_more(editor: User, settings: LazySettings) -> None:
    """Fails if the secret is not sealed anew: the old key could never be taken out."""
    factor, _codes = with_app(editor)
    new = Fernet.generate_key().decode()
    settings.SEALING_KEYS = (new, *settings.SEALING_KEYS)
    assert factors.check(factor, code_of(factor))
    settings.SEALING_KEYS = (new,)
    assert factors.check(factor, code_of(factor, 1))


def test_without_the_key_of_the_ring_only_recovery_codes_work(editor: User, settings: LazySettings) -> None:
    factor, fresh = with_app(editor)
    code = code_of(factor)
    settings.SEALING_KEYS = (Fernet.generate_key().decode(),)
    assert factors.check(factor, code) is None
    SecondFactor.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert factors.check(factor, fresh[0])


def test_what_is_sealed_opens_with_no_key_of_the_ring_itself(settings: LazySettings) -> None:
    """Fails if the ring is used as it is: what opens profiles' keys would open this."""
    with pytest.raises(InvalidToken):
        Fernet(settings.SEALING_KEYS[0]).decrypt(seal(b"secret"))


def test_an_invitation_is_joined_after_the_code(editor: User) -> None:
    """Whoever has an account with two-factor login, but no rights yet, is not sent in a circle."""
    factor, _codes = with_app(editor)
    editor.groups.clear()
    client = signed_in(editor)
    assert leads_to(client.get("/-/invitation/x/")) == SHOW
    assert client.get(SHOW).status_code == 200
    client.post(SHOW, {"code": code_of(factor), "next": "/-/invitation/x/"})
    assert client.get("/-/invitation/x/").status_code == 404
