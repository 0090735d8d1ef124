"""What waits for a person, and what a person sets going again: seen by those whom it concerns, and by nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.models import OrganisationPage, User
from federation.contract import Boosting
from federation.models import Activity, Delivery, LedgerEntry, Peer
from federation.outbox import reconcile
from federation.outbox.boost import ask
from federation.outbox.deliver import find_overdue, warn_of_overdue
from federation.outbox.release import send_again
from tests.factories.cms_pages import make_news, make_organisation, publish
from tests.factories.cms_people import make_editor
from tests.factories.elsewhere import Elsewhere
from tests.factories.publications import TOLD
from tests.factories.told import make_actor, tell, withdraw

pytestmark = pytest.mark.django_db
NOW = TOLD + timedelta(days=30)


def settle() -> None:
    while reconcile.drain(timezone.now()):
        pass


def few_an_hour(settings: Any, number: int) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": number}


def log_in(user: User) -> Client:
    client = Client(HTTP_HOST="hub.example")
    client.force_login(user)
    return client


@pytest.fixture
def busy(settings: Any) -> OrganisationPage:
    """An organisation that has reached its number, with one page that waits."""
    few_an_hour(settings, 1)
    organisation = make_organisation("Busy", handle="busy")
    make_news(organisation, title="First", share=True)
    settle()
    make_news(organisation, title="One too many", share=True)
    settle()
    return organisation


def test_one_organisations_rush_does_not_silence_another(busy: OrganisationPage) -> None:
    """Fails if all that was sent within the hour is counted together."""
    other = make_organisation("Calm", handle="calm")
    page = make_news(other, title="News of the calm", share=True)
    settle()
    assert LedgerEntry.objects.get(pk=f"page:{page.pk}").state == "live"
    assert LedgerEntry.objects.get(waiting_title="One too many").waiting_publisher == busy.publisher_key


def test_a_fault_that_speaks_for_everybody_is_stopped_too(settings: Any) -> None:
    few_an_hour(settings, 1)
    for number in range(6):
        make_news(make_organisation(f"Partner {number}", handle=f"partner_{number}"), share=True)
        settle()
    assert LedgerEntry.objects.filter(state="live").count() == 5
    assert LedgerEntry.objects.filter(waiting_since__isnull=False).count() == 1


def test_its_editors_see_what_waits_and_send_it(busy: OrganisationPage) -> None:
    client = log_in(make_editor(busy))
    listed = client.get(reverse("waiting:index")).content.decode()
    assert "One too many" in listed
    assert "Waiting for approval" in listed
    asked = client.get(reverse("waiting:release")).content.decode()
    assert "One too many" in asked
    entry = LedgerEntry.objects.get(waiting_title="One too many")
    assert client.post(reverse("waiting:release"), {"key": [entry.pk]}).status_code == 302
    settle()
    entry.refresh_from_db()
    assert (entry.state, entry.waiting_since, entry.waiting_title) == ("live", None, "")


def test_the_list_says_what_waits(busy: OrganisationPage) -> None:
    listed = reverse("waiting:index")
    client = log_in(make_editor(busy))
    assert "new post" in client.get(listed).content.decode()
    first = f"page:{busy.get_children().get(title='First').pk}"
    later = timezone.now() + timedelta(days=2)
    few = LedgerEntry.objects.filter(pk=first)
    assert ask(first, later) is Boosting.ASKED
    few.update(waiting_since=timezone.now(), waiting_publisher=busy.publisher_key, waiting_title="First")
    assert "boost" in client.get(listed).content.decode()


def test_a_neighbour_neither_sees_nor_sends_it(busy: OrganisationPage) -> None:
    client = log_in(make_editor(make_organisation("Calm", handle="calm")))
    entry = LedgerEntry.objects.get(waiting_title="One too many")
    assert "One too many" not in client.get(reverse("waiting:index")).content.decode()
    assert "One too many" not in client.get(reverse("waiting:release")).content.decode()
    client.post(reverse("waiting:release"), {"key": [entry.pk]})
    settle()
    entry.refresh_from_db()
    assert entry.state == "never"


def test_what_no_longer_waits_leaves_the_list(busy: OrganisationPage) -> None:
    entry = LedgerEntry.objects.get(waiting_title="One too many")
    page = busy.get_children().get(title="One too many").specific
    publish(page, share=False)
    settle()
    assert not LedgerEntry.objects.filter(pk=entry.pk, waiting_since__isnull=False).exists()


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """A post that its only server refused, and whose server rests."""
    told = tell(make_actor())
    peer = Peer.objects.create(origin="https://peer.example", held_until=NOW + timedelta(hours=9), holds=5)
    return Delivery.objects.create(
        activity=told.activities.get(),
        peer=peer,
        inbox="https://peer.example/inbox",
        lane="page:7",
        state="refused",
        attempts=3,
        created=TOLD,
        first_attempt=TOLD,
        next_attempt=TOLD,
        done_at=TOLD,
    )


def test_what_was_refused_can_be_sent_again(refused: Delivery) -> None:
    assert send_again(NOW, "https://peer.example") == 1
    refused.refresh_from_db()
    refused.peer.refresh_from_db()
    assert (refused.state, refused.next_attempt, refused.attempts) == ("waiting", NOW, 0)
    assert refused.first_attempt is not None, "it may have arrived, so order is kept"
    assert refused.peer.held_until is None


def test_only_the_named_server_is_tried_again(refused: Delivery) -> None:
    assert send_again(NOW, "https://other.example") == 0
    with pytest.raises(CommandError, match=r"No server nowhere\.example"):
        call_command("federation", "retry", "--host", "nowhere.example")


def test_the_text_of_what_was_withdrawn_is_not_sent_again(refused: Delivery) -> None:
    withdraw(refused.activity.object, NOW)
    assert send_again(NOW) == 0


def test_what_would_arrive_after_its_correction_is_not_sent_again(refused: Delivery) -> None:
    later = Activity.objects.create(
        uri="https://hub.example/ap/activities/later",
        actor=refused.activity.actor,
        kind="Update",
        lane=refused.lane,
        body=b"",
        created=NOW,
        object=refused.activity.object,
    )
    Delivery.objects.create(
        activity=later,
        peer=refused.peer,
        inbox=refused.inbox,
        lane=refused.lane,
        state="accepted",
        created=NOW,
        next_attempt=NOW,
    )
    assert send_again(NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_sending_again_waits_for_no_pump_that_is_writing(refused: Delivery) -> None:
    """Each locks many servers, in no order; whoever waits may wait in a circle. Fails without SKIP LOCKED."""
    busy = Peer.objects.create(origin="https://busy.example", held_until=NOW + timedelta(hours=9), holds=5)
    Delivery.objects.create(
        activity=refused.activity,
        peer=busy,
        inbox="https://busy.example/inbox",
        lane=refused.lane,
        state="refused",
        created=TOLD,
        next_attempt=TOLD,
    )
    with transaction.atomic():
        Peer.objects.select_for_update().get(pk=busy.pk)
        Elsewhere(lambda: send_again(NOW)).join()
    refused.peer.refresh_from_db()
    assert refused.peer.held_until is None


def test_blocked_servers_are_left_alone(refused: Delivery) -> None:
    Peer.objects.update(blocked=True)
    assert send_again(NOW) == 0


def test_a_delivery_that_nobody_sends_is_reported(refused: Delivery, caplog: pytest.LogCaptureFixture) -> None:
    Delivery.objects.update(state="waiting", next_attempt=NOW - timedelta(minutes=20))
    assert find_overdue(NOW) is None, "its server rests"
    Peer.objects.update(held_until=None)
    assert find_overdue(NOW) == NOW - timedelta(minutes=20)
    warn_of_overdue(NOW)
    assert "are not sent" in caplog.text
    assert find_overdue(NOW - timedelta(minutes=10)) is None, "ten minutes are not long"
