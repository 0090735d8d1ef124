"""Two-factor login: what groups ask for, who resets a lost app, and secrets that nobody reads."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.conf import LazySettings
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from wagtail.models import ModelLogEntry

from cms.models import GroupRule, OrganisationPage, RecoveryCode, SecondFactor, User
from cms.sealing import seal, unseal
from cms.two_factor import factors
from cms.two_factor.factors import Standing
from tests.factories.admin_clients import signed_in
from tests.factories.cms_pages import make_organisation
from tests.factories.cms_people import make_admin, make_editor, make_user
from tests.factories.second_factors import SHOW, code_of, leads_to, require, with_app

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> OrganisationPage:
    return make_organisation("Aspen Watch")


@pytest.fixture
def editor(organisation: OrganisationPage) -> User:
    return make_editor(organisation)


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
