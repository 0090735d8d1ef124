"""A copy of the database does not speak, and the operator's switches."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from federation.errors import ConfigurationError
from federation.models import Instance, LedgerEntry, LocalActor, Wake
from federation.outbox import reconcile, speaking
from federation.outbox.speaking import Voice
from federation.outbox.sweep import sweep
from tests.factories.fake_source import FakeSource, installed
from tests.factories.outbox import KEY, NOW, ORG, hide, organisation, publish, said
from tests.factories.publications import make_publication

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(settings) -> LocalActor:
    installed(settings)
    return organisation()


def _move(settings) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "ORIGIN": "https://copy.example"}


def test_the_first_process_records_where_it_speaks_from(actor: LocalActor) -> None:
    assert speaking.voice() is Voice.SPEAKS
    instance = Instance.objects.get()
    assert (instance.origin, instance.database) == ("https://hub.example", speaking.fingerprint())


def test_a_restored_database_rests_until_the_operator_confirms(actor: LocalActor) -> None:
    speaking.voice()
    Instance.objects.update(database="another/1")
    assert speaking.voice() is Voice.RESTS
    with pytest.raises(CommandError):
        call_command("federation", "resume")
    call_command("federation", "confirm")
    assert speaking.voice() is Voice.SPEAKS


def test_another_address_may_be_taken_while_there_are_no_profiles(settings) -> None:
    installed(settings)
    speaking.voice()
    _move(settings)
    assert speaking.voice() is Voice.SPEAKS
    assert Instance.objects.get().origin == "https://copy.example"


def test_the_address_is_locked_once_there_are_profiles(actor: LocalActor, settings) -> None:
    speaking.voice()
    _move(settings)
    assert speaking.voice() is Voice.FOREIGN
    with pytest.raises(ConfigurationError):
        speaking.confirm()


def test_under_another_address_nothing_is_even_recorded(actor: LocalActor, settings) -> None:
    speaking.voice()
    _move(settings)
    FakeSource.publications[KEY] = make_publication(key=KEY, publisher=ORG)
    Wake.objects.create(key=KEY)
    assert reconcile.drain(NOW) == 0
    assert Wake.objects.exists()
    assert sweep(NOW).foreign


def test_while_sending_rests_everything_is_recorded(actor: LocalActor) -> None:
    speaking.pause("for a test")
    publish()
    assert said() == ["Create"]


def test_pausing_one_organisation(actor: LocalActor) -> None:
    call_command("federation", "pause", "--handle", "@partner")
    assert LocalActor.objects.get().paused is True
    call_command("federation", "resume", "--handle", "partner")
    assert LocalActor.objects.get().paused is False


def test_releasing_needs_to_know_what(actor: LocalActor) -> None:
    with pytest.raises(CommandError):
        call_command("federation", "release")


def test_the_status_says_what_waits(actor: LocalActor, settings, capsys) -> None:
    settings.FEDERATION = {**settings.FEDERATION, "AUTOMATIC_SENDS_PER_HOUR": 0}
    publish()
    Wake.objects.create(key="page:9", failures=1, error="RuntimeError: no")
    call_command("federation", "status")
    out = capsys.readouterr().out
    assert "https://hub.example: speaks." in out
    assert f"{KEY} waits for you" in out
    assert "page:9 could not be told: RuntimeError: no" in out


def test_the_sweep_withdraws_what_should_not_be_out(actor: LocalActor) -> None:
    publish()
    FakeSource.hidden.add(KEY)
    assert sweep(NOW).withdrawn == [KEY]
    assert said() == ["Create", "Delete"]


def test_the_sweep_reports_what_was_never_told_and_does_not_tell_it(actor: LocalActor) -> None:
    FakeSource.publications[KEY] = make_publication(key=KEY, publisher=ORG)
    assert sweep(NOW).untold == [KEY]
    assert said() == []


def test_the_sweep_reports_what_looks_otherwise_and_does_not_send_it(actor: LocalActor) -> None:
    publish()
    FakeSource.publications[KEY] = make_publication(key=KEY, publisher=ORG, title="Otherwise")
    assert sweep(NOW).differs == [KEY]
    assert said() == ["Create"]


def test_the_sweep_retires_profiles_of_deleted_organisations(actor: LocalActor) -> None:
    FakeSource.publishers.clear()
    assert sweep(NOW).retired == [ORG]


def test_the_sweep_finds_nothing_where_all_is_well(actor: LocalActor, capsys) -> None:
    publish()
    publish(key="page:8")
    hide("page:8")
    call_command("sweep")
    assert capsys.readouterr().out.strip() == "Everything is as it should be."
    assert LedgerEntry.objects.count() == 2
