"""What happens before an instance serves."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from wagtail.models import Site

from config import clock, startup


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://news.example.org", ("news.example.org", 443)),
        ("http://localhost:8001", ("localhost", 8001)),
        ("http://hub.localhost", ("hub.localhost", 80)),
    ],
)
def test_the_default_site_gets_the_canonical_address(said: list[str], origin: str, address: tuple[str, int]) -> None:
    startup.name_site(origin, said.append)
    site = Site.objects.get(is_default_site=True)
    assert (site.hostname, site.port) == address


@pytest.mark.django_db
def test_naming_the_site_again_changes_nothing(said: list[str]) -> None:
    startup.name_site("https://news.example.org", said.append)
    said.clear()
    startup.name_site("https://news.example.org", said.append)
    assert said == []


@pytest.mark.django_db
def test_an_address_that_another_site_has_is_left_to_it(said: list[str]) -> None:
    default = Site.objects.get(is_default_site=True)
    Site.objects.create(hostname="news.example.org", port=443, root_page=default.root_page)
    startup.name_site("https://news.example.org", said.append)
    default.refresh_from_db()
    assert default.hostname != "news.example.org"
    assert "Another Wagtail site" in said[0]


@pytest.mark.django_db
def test_a_database_that_is_up_to_date_is_not_migrated(said: list[str]) -> None:
    startup.migrate(said.append)
    assert said == []


def test_migrating_says_how_far_it_is(said: list[str]) -> None:
    progress = startup._Progress(10, said.append)
    for number in range(10):
        progress.write(f"  Applying cms.{number:04}...")
        progress.write(" OK\n")
    assert said == [f"Preparing the database: {done} of 10" for done in (2, 4, 6, 8, 10)]


def test_a_postgresql_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "connection", SimpleNamespace(pg_version=140_011))
    with pytest.raises(startup.CannotStart, match="PostgreSQL 14"):
        startup.check_server()


@pytest.mark.django_db
def test_a_clock_that_differs_from_the_databases_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    real = clock.time.time
    monkeypatch.setattr(clock.time, "time", lambda: real() + 3600)
    with pytest.raises(clock.WrongClock, match="3600 seconds ahead"):
        clock.check_clock()


def test_static_files_are_collected_once(
    said: list[str], settings: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[str] = []
    monkeypatch.setattr(settings, "STATIC_ROOT", str(tmp_path))
    monkeypatch.setattr(startup, "staticfiles_storage", startup.ManifestFilesMixin.__new__(startup.ManifestFilesMixin))
    monkeypatch.setattr(startup, "call_command", lambda name, **_: collected.append(name))
    startup.collect_static(said.append)
    startup.collect_static(said.append)
    assert collected == ["collectstatic"]


@pytest.mark.django_db
def test_no_model_waits_for_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True)
