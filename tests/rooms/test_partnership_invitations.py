"""Invitations: links that work once, and for a while, and that nobody but the invited person can use."""

from __future__ import annotations

import re
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale, PageLogEntry

from cms.limits import clear
from cms.models import Invitation, OrganisationPage, RateWindow, User
from cms.partnership import invitations, letters
from cms.partnership.invitations import (
    PartnerAway,
    accept,
    accept_as_new,
    forget_old,
    invite,
    renew,
    withdraw,
)
from tests.factories.admin_clients import signed_in
from tests.factories.cms_pages import home_page, make_organisation
from tests.factories.cms_people import make_coordinator, make_editor, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long and quiet river"
NEW = {"first_name": "Ana", "last_name": "Kovač", "password1": PASSWORD, "password2": PASSWORD}
EMAIL = "ana@partner.example"


def issue(organisation: OrganisationPage | None = None, email: str = EMAIL) -> invitations.Issued:
    organisation = organisation or make_organisation("Aspen Watch")
    return invite(organisation, [email], make_editor(organisation), timezone.now())[0]


def path(issued: invitations.Issued) -> str:
    return reverse("cms_invitation", args=[issued.secret])


# Sending


def test_an_editor_invites_a_colleague_by_mail() -> None:
    organisation = make_organisation("Aspen Watch")
    client = signed_in(make_editor(organisation))
    client.post(reverse("partners:invite", args=[organisation.pk]), {"emails": f"{EMAIL}\n\nben@partner.example"})
    assert sorted(message.to[0] for message in mail.outbox) == [EMAIL, "ben@partner.example"]
    link = re.search(r"https://hub\.example(/-/invitation/\S+/)", mail.outbox[0].body)
    assert link
    assert client.get(link[1]).status_code == 200
    assert "Aspen Watch" in mail.outbox[0].subject
    assert all(row.sent_at for row in Invitation.objects.all())


def test_the_form_of_a_new_partner_invites_its_people() -> None:
    from tests.rooms.test_partnership_making import send  # noqa: PLC0415

    send(make_coordinator(), emails=EMAIL)
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    assert Invitation.objects.get().organisation.title == "Civic Resilience Initiative"


@pytest.mark.parametrize("emails", ["", "not an address", "\n".join(f"p{n}@x.example" for n in range(21))])
def test_what_is_no_list_of_addresses_is_refused(emails: str) -> None:
    organisation = make_organisation()
    address = reverse("partners:invite", args=[organisation.pk])
    response = signed_in(make_editor(organisation)).post(address, {"emails": emails})
    assert response.context["form"].errors["emails"]
    assert not Invitation.objects.exists()


def test_the_secret_is_stored_nowhere() -> None:
    """Fails if the row keeps the secret itself."""
    issued = issue()
    with connection.cursor() as cursor:
        cursor.execute("SELECT cms_invitation::text FROM cms_invitation")
        assert issued.secret not in cursor.fetchone()[0]
        cursor.execute("SELECT wagtailcore_pagelogentry::text FROM wagtailcore_pagelogentry")
        rows = " ".join(row for (row,) in cursor.fetchall())
    assert (issued.secret in rows, EMAIL in rows, "cms.invite" in rows) == (False, False, True)


@pytest.fixture
def no_mail_server(settings: LazySettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # closed again at the end, so nobody listens there
        port = taken.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def test_a_mail_server_that_fails_loses_nothing(no_mail_server: None, settings: LazySettings) -> None:
    """Fails if the error of the server is raised, or the row is not marked."""
    organisation = make_organisation()
    client = signed_in(make_editor(organisation))
    address = reverse("partners:page", args=[organisation.pk])
    client.post(reverse("partners:invite", args=[organisation.pk]), {"emails": EMAIL})
    text = client.get(address).content.decode()
    assert (EMAIL in text, "could not be sent" in text) == (True, True)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(reverse("partners:send", args=[organisation.pk, Invitation.objects.get().pk]))
    assert [message.to for message in mail.outbox] == [[EMAIL]]
    assert "could not be sent" not in client.get(address).content.decode()


def test_without_a_mail_server_nothing_counts_as_sent(settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert letters.send([issue()]) == 1
    assert Invitation.objects.get().sent_at is None


def test_a_mail_is_in_the_language_of_the_organisation() -> None:
    german = Locale.objects.create(language_code="de")
    translation = home_page().copy_for_translation(german)
    organisation = translation.add_child(instance=OrganisationPage(title="Nur deutsch", locale=german))
    seen = []
    original = letters.render_to_string
    letters.render_to_string = lambda *a: seen.append(letters.translation.get_language()) or original(*a)  # type: ignore[assignment,func-returns-value]
    try:
        letters.compose(invite(organisation, [EMAIL], make_user(), timezone.now())[0])
    finally:
        letters.render_to_string = original
    assert seen == ["de"]


def test_a_name_of_two_lines_does_not_break_the_subject() -> None:
    organisation = make_organisation("Two\nlines")
    assert "\n" not in letters.compose(issue(organisation)).subject


# Joining


def test_somebody_new_chooses_name_and_password_and_can_log_in() -> None:
    issued = issue()
    browser = Client()
    assert browser.post(path(issued), NEW).status_code == 302
    person = User.objects.get(email=EMAIL)
    assert (person.get_full_name(), person.username) == ("Ana Kovač", EMAIL)
    assert list(person.groups.all()) == [issued.invitation.organisation.editors]
    assert browser.login(username=EMAIL, password=PASSWORD)
    assert browser.get(reverse("wagtailadmin_home")).status_code == 200


def test_somebody_with_an_account_joins_with_it() -> None:
    issued = issue()
    person = make_user(email="Ana@Partner.example")
    response = signed_in(person).post(path(issued))
    assert response.status_code == 302
    assert list(person.groups.all()) == [issued.invitation.organisation.editors]
    assert User.objects.filter(email__iexact=EMAIL).count() == 1


def test_somebody_elses_account_cannot_join() -> None:
    """Fails if the address is not compared."""
    issued = issue()
    stranger = make_user(email="eve@other.example")
    client = signed_in(stranger)
    assert client.post(path(issued), NEW).status_code == 403
    assert not stranger.groups.exists()
    assert client.get(path(issued)).status_code == 200  # the link is not used up


def test_whoever_has_an_account_makes_no_second_one() -> None:
    issued = issue()
    make_user(email=EMAIL)
    response = Client().post(path(issued), NEW)
    assert response.status_code == 409
    assert User.objects.filter(email=EMAIL).count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"password1": "short", "password2": "short"}, {"password2": "another long river"}, {"last_name": ""},
     {"password1": "ana@partner.example", "password2": "ana@partner.example"}],
)  # fmt: skip
def test_a_bad_password_or_no_name_is_refused_and_the_link_stays(changes: dict[str, str]) -> None:
    """Fails if Django's validators are not asked."""
    issued = issue()
    assert Client().post(path(issued), NEW | changes).status_code == 200
    assert not User.objects.filter(email=EMAIL).exists()
    assert invitations.find(issued.secret, timezone.now())


def test_opening_a_link_changes_nothing() -> None:
    """A program that reads mails opens each link. Fails if a GET accepts, or marks the row."""
    issued = issue()
    before = Invitation.objects.values().get()
    for method in ("get", "head", "get"):
        assert getattr(Client(), method)(path(issued)).status_code == 200
    assert Invitation.objects.values().get() == before
    assert Client().post(path(issued), NEW).status_code == 302


def _used(issued: invitations.Issued) -> None:
    accept(issued.secret, make_user(), timezone.now())


def _withdrawn(issued: invitations.Issued) -> None:
    withdraw(Invitation.objects.all(), make_user(), timezone.now())


def _expired(issued: invitations.Issued) -> None:
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def _renewed(issued: invitations.Issued) -> None:
    renew(issued.invitation, make_user(), timezone.now())


@pytest.mark.parametrize(
    ("happens", "status", "words"),
    [
        (_used, 410, "has been used already"),
        (_withdrawn, 410, "was withdrawn"),
        (_expired, 410, "has expired"),
        (_renewed, 404, "newer mail"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_does_not_work_any_more_says_why(happens: Any, status: int, words: str, method: str) -> None:
    issued = issue()
    happens(issued)
    people = User.objects.count()
    response = getattr(Client(), method)(path(issued), NEW)
    assert (response.status_code, words in response.content.decode()) == (status, True)
    assert User.objects.count() == people


def test_a_link_that_never_was_says_nothing_more() -> None:
    assert Client().get(reverse("cms_invitation", args=["x" * 43])).status_code == 404


def test_the_address_with_the_secret_goes_nowhere() -> None:
    """Fails without the headers. “no-referrer” would break the form: a browser then sends Origin: null."""
    for response in (Client().get(path(issue())), Client().get(reverse("cms_invitation", args=["none"]))):
        assert response["Referrer-Policy"] == "strict-origin"
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"


def test_many_attempts_have_to_wait() -> None:
    issued, browser = issue(), Client()
    answers = [browser.post(path(issued), NEW | {"password1": "x"}).status_code for _ in range(16)]
    assert answers == [200] * 15 + [429]
    assert int(browser.post(path(issued), NEW)["Retry-After"]) > 0
    assert not User.objects.filter(email=EMAIL).exists()


def test_what_is_counted_names_nobody_and_is_forgotten() -> None:
    Client().post(path(issue()), {}, REMOTE_ADDR="203.0.113.7")
    assert RateWindow.objects.count() == 2
    assert not RateWindow.objects.filter(key__contains="203").exists()
    clear(timezone.now() + timedelta(hours=1))
    assert not RateWindow.objects.exists()


# Who may


def test_only_the_own_organisation_can_be_invited_to() -> None:
    theirs = make_organisation()
    issued = issue(theirs)
    client = signed_in(make_editor(make_organisation()))
    assert client.post(reverse("partners:invite", args=[theirs.pk]), {"emails": EMAIL}).status_code == 404
    for name in ("send", "withdraw", "link"):
        address = reverse(f"partners:{name}", args=[theirs.pk, issued.invitation.pk])
        assert client.post(address).status_code == 404
    assert Invitation.objects.get().withdrawn_at is None


def test_an_invitation_is_asked_for_under_its_own_organisation() -> None:
    """Fails if the number of the invitation alone decides."""
    mine, theirs = make_organisation(), issue(make_organisation())
    client = signed_in(make_editor(mine))
    assert client.post(reverse("partners:withdraw", args=[mine.pk, theirs.invitation.pk])).status_code == 404


def test_only_coordinators_get_a_link_to_copy() -> None:
    issued = issue()
    organisation = issued.invitation.organisation
    address = reverse("partners:link", args=[organisation.pk, issued.invitation.pk])
    assert signed_in(make_editor(organisation)).post(address).status_code == 404
    response = signed_in(make_coordinator()).post(address)
    link = re.search(r"https://hub\.example(/-/invitation/[\w-]+/)", response.content.decode())
    assert link
    assert (Client().get(link[1]).status_code, Client().get(path(issued)).status_code) == (200, 404)
    assert "no-store" in response["Cache-Control"]


def test_buttons_work_by_post_only() -> None:
    issued = issue()
    client = signed_in(make_coordinator())
    for name in ("send", "withdraw", "link"):
        address = reverse(f"partners:{name}", args=[issued.invitation.organisation.pk, issued.invitation.pk])
        assert client.get(address).status_code == 405


def test_an_editor_has_colleagues_in_the_menu_and_no_partners() -> None:
    organisation = make_organisation()
    client = signed_in(make_editor(organisation))
    assert "Colleagues" in client.get(reverse("wagtailadmin_home")).content.decode()
    assert client.get(reverse("partners:index"))["Location"] == reverse("partners:page", args=[organisation.pk])


def test_one_person_sends_no_more_than_many() -> None:
    organisation = make_organisation()
    client = signed_in(make_editor(organisation))
    address = reverse("partners:invite", args=[organisation.pk])
    for block in range(4):
        client.post(address, {"emails": "\n".join(f"p{block}-{n}@x.example" for n in range(20))})
    assert len(mail.outbox) == 60


def test_nobody_is_invited_to_a_partner_who_left(monkeypatch: pytest.MonkeyPatch) -> None:
    issued = issue()
    monkeypatch.setattr(invitations, "is_away", lambda _: True)
    for attempt in (lambda: issue(issued.invitation.organisation), lambda: _renewed(issued)):
        with pytest.raises(PartnerAway):
            attempt()


# What is kept


def test_inviting_again_gives_a_new_link_in_place_of_the_old() -> None:
    first = issue()
    second = issue(first.invitation.organisation, EMAIL.upper())
    assert Invitation.objects.count() == 1
    assert (Client().get(path(first)).status_code, Client().get(path(second)).status_code) == (404, 200)


def test_what_is_done_is_logged_with_who_did_it() -> None:
    issued = issue()
    organisation = issued.invitation.organisation
    accept_as_new(issued.secret, User(), timezone.now())
    rows = PageLogEntry.objects.filter(page=organisation.pk, action__startswith="cms.").order_by("timestamp")
    assert [row.action for row in rows] == ["cms.invite", "cms.invite.accept"]
    assert rows[1].user == User.objects.get(email=EMAIL)


def test_addresses_are_forgotten_three_months_later() -> None:
    _used(issue())
    assert forget_old(timezone.now() + timedelta(days=89)) == 0
    assert forget_old(timezone.now() + timedelta(days=91)) == 1
