"""The settings of an instance, read from the environment."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from config.env import Kind, WrongEnvironment, read_environment

FERNET_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SECRET = "a-long-secret-that-a-machine-made-0123456789-abcdefghij"
NAMES = [
    "DATABASE_POOL_SIZE",
    "DATABASE_URL",
    "DELIVERY_THREADS",
    "EMAIL_URL",
    "FEDERATION_ALLOW_PRIVATE",
    "FEDERATION_CA_BUNDLE",
    "FEDERATION_KEYS",
    "LOG_LEVEL",
    "SECRET_KEY",
    "SITE_URL",
    "TRUSTED_PROXIES",
    "VAR_DIR",
    "WORKER_JOBS",
    "PAGE_CACHE_MB",
]


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "var"))


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that production needs."""
    monkeypatch.setenv("SITE_URL", "https://news.example.org")
    monkeypatch.setenv("SECRET_KEY", SECRET)
    monkeypatch.setenv("FEDERATION_KEYS", FERNET_KEY)


def problems_of(kind: Kind = Kind.PRODUCTION) -> dict[str, list[str]]:
    with pytest.raises(WrongEnvironment) as caught:
        read_environment(kind)
    return caught.value.problems


def test_everything_wrong_is_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "http://news.example.org")
    monkeypatch.setenv("DATABASE_URL", "mysql://db/news")
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, nonsense")
    monkeypatch.setenv("DELIVERY_THREADS", "many")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    assert set(problems_of()) == {
        "SITE_URL", "DATABASE_URL", "TRUSTED_PROXIES", "DELIVERY_THREADS", "LOG_LEVEL", "SECRET_KEY", "FEDERATION_KEYS",
    }  # fmt: skip


def test_the_report_is_the_text_with_which_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit) as caught:
        read_environment(Kind.PRODUCTION)
    lines = str(caught.value.code).splitlines()
    assert [line.split(":")[0].strip() for line in lines[2:]] == ["FEDERATION_KEYS", "SECRET_KEY", "SITE_URL"]


def test_production_says_how_to_make_missing_keys() -> None:
    assert "base64.urlsafe_b64encode(os.urandom(32))" in problems_of()["FEDERATION_KEYS"][0]


@pytest.mark.usefixtures("production")
def test_the_report_never_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEDERATION_KEYS", f"{FERNET_KEY},not-a-key-but-secret")
    monkeypatch.setenv("DATABASE_URL", "mysql://me:hunter2@db/news")
    monkeypatch.setenv("SECRET_KEY", "short-secret")
    with pytest.raises(SystemExit) as caught:
        read_environment(Kind.PRODUCTION)
    text = str(caught.value.code)
    assert not [secret for secret in ("not-a-key", "hunter2", "short-secret") if secret in text]


@pytest.mark.usefixtures("production")
def test_production_starts_with_an_address_and_two_secrets() -> None:
    environment = read_environment(Kind.PRODUCTION)
    assert (environment.site_url, environment.federation_keys) == ("https://news.example.org", (FERNET_KEY,))


@pytest.mark.usefixtures("production")
def test_production_writes_no_secrets_of_its_own(tmp_path: Path) -> None:
    read_environment(Kind.PRODUCTION)
    assert not (tmp_path / "var").exists()


@pytest.mark.usefixtures("production")
def test_an_empty_variable_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", " ")
    assert "is missing" in problems_of()["SECRET_KEY"][0]


@pytest.mark.parametrize(
    "origin",
    [
        "https://news.example.org",
        "https://news.example.org:8443",
        "https://xn--brger-kva.example",
        "http://localhost:8000",
        "http://hub.localhost:8001",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
    ],
)
@pytest.mark.usefixtures("production")
def test_an_origin_in_its_one_spelling_is_taken_as_it_stands(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("SITE_URL", origin)
    assert read_environment(Kind.PRODUCTION).site_url == origin


@pytest.mark.parametrize(
    ("origin", "reason"),
    [
        ("http://news.example.org", "https"),
        ("http://10.0.0.7:8000", "https"),
        ("http://localhost.example.org", "https"),
        ("https://news.example.org/", "without a path"),
        ("https://news.example.org/site", "without a path"),
        ("https://news.example.org?", "without a path"),
        ("https://user@news.example.org", "without a path"),
        ("https://news.example.org:443", "usual port"),
        ("http://localhost:80", "usual port"),
        ("https://News.example.org", "lower case"),
        ("https://bürger.example", "xn--"),
        ("https://news.example.org:port", "port"),
        ("news.example.org", "must look like"),
        ("ftp://news.example.org", "must look like"),
    ],
)
@pytest.mark.usefixtures("production")
def test_any_other_spelling_of_an_origin_is_refused(monkeypatch: pytest.MonkeyPatch, origin: str, reason: str) -> None:
    monkeypatch.setenv("SITE_URL", origin)
    assert reason in problems_of()["SITE_URL"][0]


@pytest.mark.parametrize("kind", [Kind.DEV, Kind.DEMO])
def test_an_address_that_others_reach_needs_the_settings_for_production(
    monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setenv("SITE_URL", "https://news.example.org")
    assert list(problems_of(kind)) == ["DJANGO_SETTINGS_MODULE"]


def test_a_demo_makes_its_secrets_once() -> None:
    first, second = read_environment(Kind.DEMO), read_environment(Kind.DEMO)
    assert (first.secret_key, first.federation_keys) == (second.secret_key, second.federation_keys)


def test_nobody_else_may_read_the_secrets_of_a_demo(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        read_environment(Kind.DEMO)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "var" / "secrets.json").stat().st_mode) == 0o600


def test_two_folders_have_different_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = read_environment(Kind.DEMO)
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "other"))
    assert read_environment(Kind.DEMO).federation_keys != first.federation_keys


def test_secrets_from_the_environment_win_in_a_demo_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEDERATION_KEYS", FERNET_KEY)
    assert read_environment(Kind.DEMO).federation_keys == (FERNET_KEY,)


def test_a_database_url_becomes_djangos_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://news:p%40ss@db.example:5433/press?sslmode=require")
    database = read_environment(Kind.DEMO).database
    assert database is not None
    found = [database[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME", "OPTIONS")]
    assert found == ["db.example", 5433, "news", "p@ss", "press", {"sslmode": "require"}]


def test_a_database_url_without_a_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://news@db.example/")
    assert "names no database" in problems_of(Kind.DEMO)["DATABASE_URL"][0]


def test_several_federation_keys_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    other = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
    monkeypatch.setenv("FEDERATION_KEYS", f"{other}, {FERNET_KEY}")
    assert read_environment(Kind.DEMO).federation_keys == (other, FERNET_KEY)


def test_only_this_machine_may_be_a_proxy_unless_told_otherwise() -> None:
    assert [str(network) for network in read_environment(Kind.DEMO).trusted_proxies] == ["127.0.0.0/8", "::1/128"]


def test_a_missing_certificate_bundle_is_noticed_at_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FEDERATION_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    assert "cannot be read" in problems_of(Kind.DEMO)["FEDERATION_CA_BUNDLE"][0]


def test_a_folder_that_cannot_be_written_is_noticed_at_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file"))
    assert "is not a folder" in problems_of(Kind.DEMO)["VAR_DIR"][0]


def test_a_secret_that_a_person_made_up_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "correct-horse-battery-staple")
    assert "at least 50 characters" in problems_of(Kind.DEMO)["SECRET_KEY"][0]


def test_mail_goes_out_encrypted_where_the_address_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "submission://me:secret@mail.example:587")
    email = read_environment(Kind.DEMO).email
    assert email is not None
    assert (email["EMAIL_HOST"], email["EMAIL_PORT"], email["EMAIL_USE_TLS"]) == ("mail.example", 587, True)


def test_a_way_of_sending_mail_that_nobody_knows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "smtp+tls://mail.example:587")
    assert "submission://" in problems_of(Kind.DEMO)["EMAIL_URL"][0]
