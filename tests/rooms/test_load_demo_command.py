"""The demonstration on a fresh instance: its command, its accounts, its other role and its invented names."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from io import StringIO

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import Page
from wagtail.users.models import UserProfile

from cms.demo import load, publish_next
from cms.demo.drawings import MOTIFS, draw, draw_mark
from cms.demo.fictional import NAMES, fictional
from cms.demo.next import NothingToPublish
from cms.demo.scripts import SCRIPTS
from cms.models import HomePage, OrganisationPage, User
from cms.visibility import public_pages
from tests.factories.html_pages import read

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_the_next_needs_the_content() -> None:
    with pytest.raises(NothingToPublish):
        publish_next(NOW)


def test_the_partner_has_one_organisation_with_two_pieces() -> None:
    loaded = load("partner", NOW)
    assert [page.handle for page in loaded.organisations.values()] == ["alliance4europe"]
    assert public_pages().count() == 2
    assert read(HomePage.objects.get()).select_one(".brand").get_text(strip=True) == "Alliance for Europe"  # type: ignore[union-attr]


@pytest.mark.parametrize("role", SCRIPTS)
def test_the_fictional_script_has_no_real_name(role: str) -> None:
    text = str(asdict(fictional(SCRIPTS[role])))
    assert [name for name in NAMES if re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_fictional_names_load_like_the_others() -> None:
    load("hub", NOW, invented_names=True)
    assert OrganisationPage.objects.filter(title="Hill Country Civic Network", handle="hill_country").exists()
    assert Page.objects.filter(title__startswith="Takalani Ṋemuḓivhi").exists()


def test_the_command_makes_an_administrator_and_an_editor_for_each_organisation() -> None:
    call_command("load_demo", role="partner", admin_password="a long and quiet river", stdout=StringIO())
    admin, editor = User.objects.get(username="admin"), User.objects.get(username="editor-alliance4europe")
    assert admin.is_superuser
    assert admin.check_password("a long and quiet river")
    assert not editor.has_usable_password()
    assert [group.name for group in editor.groups.all()] == ["Alliance for Europe"]


def test_its_people_can_save_the_form_of_their_account(client: Client) -> None:
    """Fails if a name or an address is missing: nobody could choose another language. “localtime” is no time zone to a
    browser, and the form's script stops at it."""
    call_command("load_demo", role="partner", admin_password="a long and quiet river", stdout=StringIO())
    for user in User.objects.all():
        client.force_login(user)
        form = BeautifulSoup(client.get(reverse("wagtailadmin_account")).content, "html.parser")
        assert form.find("option", value="localtime") is None
        fields = {str(tag["name"]): tag.get("value", "") for tag in form.select("main input[name]")}
        chosen = {
            str(tag["name"]): option["value"]
            for tag in form.select("main select[name]")
            if (option := tag.select_one("option[selected]") or tag.select_one("option"))
        }
        client.post(reverse("wagtailadmin_account"), fields | chosen | {"locale-preferred_language": "de"})
        assert UserProfile.get_for_user(user).preferred_language == "de", user


def test_without_a_password_nobody_can_log_in() -> None:
    call_command("load_demo", role="partner", stdout=StringIO())
    assert [user.username for user in User.objects.all() if user.has_usable_password()] == []


def test_a_second_run_keeps_a_password_unless_another_is_given() -> None:
    for password in ("a long and quiet river", None):
        call_command("load_demo", role="partner", admin_password=password, stdout=StringIO())
        assert User.objects.get(username="admin").check_password("a long and quiet river")
    call_command("load_demo", role="partner", admin_password="a short but wild brook", stdout=StringIO())
    assert User.objects.get(username="admin").check_password("a short but wild brook")


def test_a_weak_password_is_refused() -> None:
    with pytest.raises(CommandError):
        call_command("load_demo", role="partner", admin_password="short", stdout=StringIO())


def test_the_same_motif_gives_the_same_drawing_each_time() -> None:
    assert [draw(name) == draw(name) for name in MOTIFS] == [True] * len(MOTIFS)
    assert draw_mark("one") == draw_mark("one") != draw_mark("two")
