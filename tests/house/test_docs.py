"""The documentation and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import URLPattern

from federation.urls import urlpatterns

ROOT = Path(__file__).resolve().parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ENV_EXAMPLE = ROOT / "docs/how-to/deploy/commonwire.env.example"
# Read by Django itself, and explained in the reference as well.
ELSEWHERE = {"DJANGO_SETTINGS_MODULE"}


def settings_in_code() -> set[str]:
    text = (ROOT / "site/config/env.py").read_text()
    return set(re.findall(r"\benv\.\w+\(\s*\"([A-Z_]+)\"", text))


def test_the_code_reads_settings_at_all() -> None:
    assert {"SITE_URL", "FEDERATION_KEYS", "LOG_LEVEL"} <= settings_in_code()


def test_every_setting_is_in_the_reference_and_nothing_else() -> None:
    text = (ROOT / "docs/reference/settings.md").read_text()

    assert set(re.findall(r"^\| `([A-Z_]+)` \|", text, flags=re.MULTILINE)) == settings_in_code()


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    names = set(re.findall(r"^#?([A-Z_]+)=", ENV_EXAMPLE.read_text(), flags=re.MULTILINE))

    assert names == settings_in_code() | ELSEWHERE


def test_every_command_of_ours_is_in_the_reference() -> None:
    folders = ("cms/management/commands", "federation/management/commands", "site/config/management/commands")
    commands = {path.stem for folder in folders for path in (ROOT / folder).glob("[a-z]*.py")}
    rows = re.findall(r"^\| `(.+?)\|", (ROOT / "docs/reference/commands.md").read_text(), flags=re.MULTILINE)

    assert {re.split(r"[ `]", row)[0] for row in rows} == commands


def address(pattern: URLPattern) -> str:
    """A pattern as the reference writes it."""
    text = re.sub(r"<uuid:\w+>", "<uuid>", str(pattern.pattern))
    return "/" + text.replace("<str:number>", "<version>")


def test_every_address_of_federation_is_in_the_reference_and_nothing_else() -> None:
    text = (ROOT / "docs/reference/addresses.md").read_text().partition("## Other")[0]
    ours = {address(pattern) for pattern in urlpatterns if pattern.name != "federation_nothing"}

    assert set(re.findall(r"^\| `(/[^`]+)` \|", text, flags=re.MULTILINE)) == ours


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", path.read_text())

    assert [link for link in links if "://" not in link and not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_that_is_named_exists(path: Path) -> None:
    """What stands in code marks and begins with a folder or file of ours."""
    named = re.findall(r"`((?:cms|docs|federation|site|templates|tests)/[\w./*-]+)`", path.read_text())

    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "name",
    ["demo", "demo-reset", "test", "soak", "dev", "check", "bench", "screenshots", "fix", "lock", "clean"],
)
def test_every_target_of_make_is_explained(name: str) -> None:
    assert f"`make {name}`" in (ROOT / "CONTRIBUTING.md").read_text()
    assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
