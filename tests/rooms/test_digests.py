"""Mails to editors: once, about what they edit, in numbers, and no longer than they want."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone
from wagtail.models import Page, PageLogEntry
from wagtail.users.models import UserProfile

from cms.addresses import page_address
from cms.digests import letters
from cms.digests.preferences import preference_of
from cms.digests.sending import send_at_once, send_digests
from cms.models import MailPreference, NewsPage, OrganisationPage, User
from cms.partnership.leaving import leave
from cms.scheduling import run_due_pages
from federation.actors.local import ensure_site_actor, find_by_key
from federation.models import Activity, Delivery, Follower, LedgerEntry, LocalActor
from federation.outbox import reconcile
from federation.outbox.reports import reports
from tests.factories.admin_clients import signed_in
from tests.factories.cms_pages import make_news, make_organisation
from tests.factories.cms_people import make_admin, make_editor, make_user
from tests.factories.outbox import follow
from tests.factories.signed_requests import rsa_key

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)  # a Monday
EARLIER = EIGHT - timedelta(days=10)


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)


@pytest.fixture
def organisation() -> OrganisationPage:
    return with_profile("Aspen Watch")


def with_profile(title: str) -> OrganisationPage:
    page = make_organisation(title)
    while reconcile.drain(EARLIER):
        pass
    return page


def reader(organisation: OrganisationPage, **wants: str) -> User:
    """An editor with an address, who was here ten days before."""
    user = make_editor(organisation)
    User.objects.filter(pk=user.pk).update(email=f"{user.username}@partner.example")
    preference_of(user, EARLIER)
    MailPreference.objects.filter(user=user).update(**wants)
    return User.objects.get(pk=user.pk)


def actor_of(organisation: OrganisationPage) -> LocalActor:
    actor = find_by_key(organisation.publisher_key)
    assert actor
    return actor


_fans: Iterator[int] = iter(range(10**6))


def new_follower(organisation: OrganisationPage, at: datetime) -> Follower:
    row = follow(actor_of(organisation), f"https://peer.example/users/fan{next(_fans)}")
    Follower.objects.filter(pk=row.pk).update(created=at)
    return row


def delivery(organisation: OrganisationPage, **fields: Any) -> Delivery:
    fan = new_follower(organisation, EARLIER)
    activity = Activity.objects.create(
        uri=f"https://hub.example/ap/activities/{fan.pk}", actor=actor_of(organisation), kind="Create", lane="page:1",
        body=b"{}", created=EARLIER,
    )  # fmt: skip
    values = {"created": EIGHT - timedelta(days=1), "attempts": 3, "next_attempt": EIGHT} | fields
    return Delivery.objects.create(
        activity=activity, peer=fan.remote.peer, inbox=fan.remote.inbox, lane="page:1", **values
    )


def scheduled(page: NewsPage, author: User, at: datetime, ahead: timedelta = timedelta(days=1)) -> None:
    """The author said ``ahead`` of it that the page goes out, and at that moment it did."""
    past = timezone.now() - timedelta(minutes=5)
    page.go_live_at = past
    revision = page.save_revision(user=author, approved_go_live_at=past)
    run_due_pages(timezone.now())
    type(revision).objects.filter(pk=revision.pk).update(created_at=at - ahead)
    PageLogEntry.objects.filter(page=page.pk, action="wagtail.publish.scheduled").update(timestamp=at)


def bodies() -> str:
    return "\n".join(str(message.body) for message in mail.outbox)


# What is in it


def test_a_digest_says_in_numbers_what_happened(organisation: OrganisationPage) -> None:
    user = reader(organisation)
    follower = new_follower(organisation, EIGHT - timedelta(hours=5))
    delivery(organisation)
    delivery(organisation, state="refused", done_at=EIGHT - timedelta(hours=2))
    delivery(organisation, state="expired", done_at=EIGHT - timedelta(hours=3))
    LedgerEntry.objects.create(
        key="page:99", waiting_since=EIGHT - timedelta(hours=1), waiting_publisher=organisation.publisher_key,
        waiting_title="A secret draft",
    )  # fmt: skip
    assert send_digests(EIGHT) == 1
    message = mail.outbox[0]
    assert message.to == [user.email]
    for line in ("Aspen Watch", "1 publication waits for approval", "1 delivery waits", "2 deliveries were refused",
                 "1 new follower"):  # fmt: skip
        assert line in message.body, line
    assert (str(follower.remote) in message.body, "A secret draft" in message.body) == (False, False)


def test_what_works_is_no_news(organisation: OrganisationPage) -> None:
    reader(organisation)
    delivery(organisation, state="accepted", done_at=EIGHT - timedelta(hours=2))
    delivery(organisation, attempts=0)  # on its way
    delivery(organisation, created=EIGHT - timedelta(minutes=20))  # servers are often slow for that long
    assert (send_digests(EIGHT), mail.outbox) == (0, [])


def test_where_nothing_happened_there_is_no_mail(organisation: OrganisationPage) -> None:
    reader(organisation)
    assert (send_digests(EIGHT), mail.outbox) == (0, [])


def test_nobody_hears_of_others(organisation: OrganisationPage) -> None:
    """Fails if the figures are not limited to what the person edits."""
    reader(organisation)
    new_follower(organisation, EIGHT - timedelta(hours=5))
    new_follower(with_profile("Birch Forum"), EIGHT - timedelta(hours=5))
    send_digests(EIGHT)
    assert ("Aspen Watch" in bodies(), "Birch Forum" in bodies()) == (True, False)


def test_whoever_left_hears_nothing(organisation: OrganisationPage) -> None:
    user, other = reader(organisation), with_profile("Birch Forum")
    user.groups.add(other.editors)
    new_follower(organisation, EIGHT - timedelta(hours=5))
    new_follower(other, EIGHT - timedelta(hours=5))
    leave(organisation, make_admin(), EIGHT, hide=False)
    send_digests(EIGHT)
    assert ("Aspen Watch" in bodies(), "Birch Forum" in bodies()) == (False, True)


def test_an_administrator_hears_of_all_and_of_the_site(organisation: OrganisationPage) -> None:
    admin = make_admin()
    User.objects.filter(pk=admin.pk).update(email="admin@site.example")
    preference_of(admin, EARLIER)
    new_follower(organisation, EIGHT - timedelta(hours=5))
    site = ensure_site_actor(EARLIER)
    assert site
    Follower.objects.filter(pk=follow(site, "https://peer.example/users/of-the-site").pk).update(
        created=EIGHT - timedelta(hours=5)
    )
    send_digests(EIGHT)
    assert bodies().count("1 new follower") == 2


def test_the_figures_cost_the_same_for_many_organisations(
    organisation: OrganisationPage, django_assert_num_queries: Any
) -> None:
    keys = {organisation.publisher_key, *(f"organisation:{number}" for number in range(50))}
    with django_assert_num_queries(4):
        assert reports(keys, EARLIER, EIGHT) == {}


# Once


def test_nothing_is_told_twice(organisation: OrganisationPage) -> None:
    """Fails if the row does not remember until when."""
    reader(organisation, followers="daily")
    new_follower(organisation, EIGHT - timedelta(hours=5))
    assert [send_digests(EIGHT + timedelta(minutes=10 * n)) for n in range(3)] == [1, 0, 0]
    assert send_digests(EIGHT + timedelta(days=1)) == 0
    new_follower(organisation, EIGHT + timedelta(hours=30))
    assert send_digests(EIGHT + timedelta(days=2)) == 1


def test_what_is_told_daily_is_not_told_weekly_again(organisation: OrganisationPage) -> None:
    """Fails if each pace remembers for itself."""
    user = reader(organisation, followers="daily")
    new_follower(organisation, EIGHT - timedelta(hours=5))
    send_digests(EIGHT)
    MailPreference.objects.filter(user=user).update(followers="weekly")
    assert send_digests(EIGHT + timedelta(days=7)) == 0


def test_there_is_one_mail_a_day_for_all_kinds(organisation: OrganisationPage) -> None:
    reader(organisation, followers="daily", delivery="weekly")
    new_follower(organisation, EIGHT - timedelta(hours=5))
    delivery(organisation)
    assert send_digests(EIGHT) == 1
    assert ("1 new follower" in bodies(), "1 delivery waits" in bodies()) == (True, True)


@pytest.fixture
def no_mail_server(settings: LazySettings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def test_a_mail_server_that_fails_loses_nothing(
    organisation: OrganisationPage, no_mail_server: None, settings: LazySettings
) -> None:
    """Fails if the row is not put back."""
    reader(organisation)
    new_follower(organisation, EIGHT - timedelta(hours=5))
    assert send_digests(EIGHT) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_digests(EIGHT + timedelta(minutes=10)) == 1


def test_what_fails_for_one_does_not_stop_the_others(
    organisation: OrganisationPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = reader(organisation), reader(organisation)
    new_follower(organisation, EIGHT - timedelta(hours=5))
    write = letters.digest

    def breaks(user: User, *rest: Any) -> Any:
        if user == first:
            raise RuntimeError
        return write(user, *rest)

    monkeypatch.setattr(letters, "digest", breaks)
    assert send_digests(EIGHT) == 1
    assert mail.outbox[0].to == [second.email]


# To whom, and when


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}])
def test_without_an_address_or_an_account_there_is_no_mail(
    organisation: OrganisationPage, change: dict[str, Any]
) -> None:
    user = reader(organisation)
    new_follower(organisation, EIGHT - timedelta(hours=5))
    User.objects.filter(pk=user.pk).update(**change)
    assert (send_digests(EIGHT), mail.outbox) == (0, [])


def test_it_comes_in_the_morning_where_the_person_is(organisation: OrganisationPage) -> None:
    """Fails if the server's own time decides."""
    user = reader(organisation)
    UserProfile.objects.create(user=user, current_time_zone="Pacific/Auckland")  # 13 hours ahead
    new_follower(organisation, EIGHT - timedelta(days=2))
    assert send_digests(datetime(2026, 11, 22, 17, 50, tzinfo=UTC)) == 0  # Monday, ten to seven
    assert send_digests(datetime(2026, 11, 22, 18, 0, tzinfo=UTC)) == 1


def test_it_is_in_the_language_of_the_person(organisation: OrganisationPage) -> None:
    """Fails if the mail is written in the language of the site."""
    user = reader(organisation)
    UserProfile.objects.create(user=user, preferred_language="es")
    letter = letters.digest(user, [], [])
    assert (letter.subject[:9], "Recibe este correo" in letter.body) == ("Novedades", True)


def test_whoever_is_new_hears_what_happens_from_then_on(organisation: OrganisationPage) -> None:
    user = make_editor(organisation)
    User.objects.filter(pk=user.pk).update(email="new@partner.example")
    new_follower(organisation, EIGHT - timedelta(days=3))
    send_digests(EIGHT)
    new_follower(organisation, EIGHT + timedelta(hours=1))
    send_digests(EIGHT + timedelta(days=7))
    assert bodies().count("1 new follower") == 1


# Scheduled pages


def test_the_author_is_told_at_once_that_the_scheduled_page_went_out(organisation: OrganisationPage) -> None:
    user = reader(organisation)
    reader(organisation)  # a colleague, who did not schedule it
    page = make_news(organisation, title="Launch", live=False)
    scheduled(page, user, EIGHT - timedelta(minutes=2))
    assert [send_at_once(EIGHT), send_at_once(EIGHT + timedelta(minutes=1))] == [1, 0]
    assert (mail.outbox[0].to, mail.outbox[0].subject) == ([user.email], "“Launch” went out")
    assert page_address(Page.objects.get(pk=page.pk)) in mail.outbox[0].body


def test_what_is_told_at_once_is_in_no_digest(organisation: OrganisationPage) -> None:
    user = reader(organisation)
    scheduled(make_news(organisation, live=False), user, EIGHT - timedelta(minutes=2))
    send_at_once(EIGHT)
    MailPreference.objects.update(scheduled="daily")
    assert send_digests(EIGHT) == 0


def test_it_can_wait_for_the_digest(organisation: OrganisationPage) -> None:
    user = reader(organisation, scheduled="daily")
    scheduled(make_news(organisation, title="Launch", live=False), user, EIGHT - timedelta(minutes=2))
    assert (send_at_once(EIGHT), send_digests(EIGHT)) == (0, 1)
    assert "Launch" in bodies()


def test_a_page_that_waited_for_a_minute_only_was_not_scheduled(organisation: OrganisationPage) -> None:
    """The time to undo is a schedule, too. Fails if every one counts."""
    user = reader(organisation)
    page = make_news(organisation, live=False)
    scheduled(page, user, EIGHT - timedelta(minutes=2), ahead=timedelta(seconds=60))
    assert send_at_once(EIGHT) == 0


def test_a_page_that_is_gone_again_or_somebody_elses_by_now_is_not_told(organisation: OrganisationPage) -> None:
    user = reader(organisation)
    gone, moved, deleted = (make_news(organisation, live=False) for _ in range(3))
    for page in (gone, moved, deleted):
        scheduled(page, user, EIGHT - timedelta(minutes=2))
    NewsPage.objects.get(pk=gone.pk).unpublish()
    NewsPage.objects.get(pk=moved.pk).move(make_organisation(), pos="last-child")
    NewsPage.objects.get(pk=deleted.pk).delete()
    assert send_at_once(EIGHT) == 0


# Preferences


def test_preferences_stand_on_the_account_page(organisation: OrganisationPage) -> None:
    user = reader(organisation)
    client = signed_in(user)
    page = client.get("/admin/account/").content.decode()
    assert 'name="mails-followers"' in page
    fields = dict(re.findall(r'<input[^>]*name="(name_email-\w+)"[^>]*value="([^"]*)"', page))
    chosen = {"mails-scheduled": "off", "mails-approval": "weekly", "mails-delivery": "off", "mails-followers": "daily"}
    data = fields | {"name_email-first_name": "Ana", "name_email-last_name": "K", "name_email-email": user.email}
    locale = {"locale-preferred_language": "", "locale-current_time_zone": "UTC"}
    theme = {"theme-theme": "system", "theme-contrast": "system", "theme-density": "default"}
    response = client.post("/admin/account/", data | locale | theme | chosen)
    assert response.status_code == 302
    row = MailPreference.objects.get(user=user)
    assert (row.scheduled, row.approval, row.delivery, row.followers) == ("off", "weekly", "off", "daily")
    assert row.followers_until <= timezone.now() - timedelta(days=1)  # it was on before, so nothing is left out


def test_whoever_turns_it_on_again_is_not_told_of_the_time_between(organisation: OrganisationPage) -> None:
    from cms.digests.panel import MailForm  # noqa: PLC0415

    user = reader(organisation, followers="off")
    row = MailPreference.objects.get(user=user)
    form = MailForm({"scheduled": "off", "approval": "off", "delivery": "off", "followers": "daily"}, instance=row)
    assert form.is_valid()
    form.save()
    assert row.followers_until > timezone.now() - timedelta(minutes=1)


def _link(organisation: OrganisationPage) -> str:
    reader(organisation)
    new_follower(organisation, EIGHT - timedelta(hours=5))
    send_digests(EIGHT)
    headers = mail.outbox[-1].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert link in mail.outbox[-1].body
    return str(link).removeprefix("https://hub.example")


def test_the_link_in_a_mail_ends_them_without_a_login(organisation: OrganisationPage) -> None:
    """As a mail program does it: a POST without cookies and without a token of ours. Fails with the CSRF check on."""
    link = _link(organisation)
    program = Client(enforce_csrf_checks=True)
    assert program.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    row = MailPreference.objects.get()
    assert {row.scheduled, row.approval, row.delivery, row.followers} == {"off"}
    new_follower(organisation, EIGHT + timedelta(hours=5))
    assert send_digests(EIGHT + timedelta(days=7)) == 0


def test_opening_the_link_changes_nothing(organisation: OrganisationPage) -> None:
    link = _link(organisation)
    before = MailPreference.objects.values().get()
    assert Client().get(link).status_code == 200
    assert MailPreference.objects.values().get() == before


def test_nobody_makes_such_a_link_for_others(organisation: OrganisationPage) -> None:
    """Fails without the signature."""
    link = _link(organisation)
    other = make_user()
    preference_of(other, EIGHT)
    forged = re.sub(r"/\d+:", f"/{other.pk}:", link)
    assert Client().post(forged).status_code == 404
    assert MailPreference.objects.get(user=other).followers == "weekly"
