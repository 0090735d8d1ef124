"""What the templates and style sheets promise as files: every word can be translated, both colour modes have contrast,
nothing is loaded from elsewhere, and no side is called left or right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.env import BASE_DIR

TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
# No mail, though a text: the licence of the icons.
MAILS = [path for path in sorted((BASE_DIR / "templates").rglob("*.txt")) if "icons" not in path.parts]
STATIC = BASE_DIR / "cms" / "static" / "commonwire"
STYLES = sorted((STATIC / "css").glob("*.css"))
ADMIN_STYLES = sorted((STATIC / "admin").glob("*.css"))
# What a reader sees, outside of tags: text of elements, and attributes that are spoken.
SPOKEN = re.compile(r'\b(?:alt|title|aria-label|placeholder)="([^"]*)"')
TEXTS = [
    re.compile(r"{%\s*comment.*?endcomment\s*%}", re.DOTALL),
    re.compile(r"{%\s*blocktrans.*?endblocktrans\s*%}", re.DOTALL),
    re.compile(r"{%\s*block bodyclass.*?endblock\s*%}", re.DOTALL),
    re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL),
    re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL),
]
NAMES = {"SHA-256", "HTTP"}


def visible_words(source: str) -> set[str]:
    for pattern in TEXTS:
        source = pattern.sub(" ", source)
    spoken = " ".join(SPOKEN.findall(source))
    words = re.sub(r"<[^>]*>|&\w+;", " ", source) + " " + spoken
    for name in NAMES:
        words = words.replace(name, "")
    return set(re.findall(r"[^\W\d_]{2,}", words))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(BASE_DIR).as_posix())
def test_d6_every_word_of_a_template_can_be_translated(path: Path) -> None:
    assert visible_words(path.read_text()) == set()


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.relative_to(BASE_DIR).as_posix())
def test_every_word_of_a_mail_can_be_translated(path: Path) -> None:
    assert visible_words(path.read_text()) == set()


@pytest.mark.parametrize("path", [*TEMPLATES, *MAILS], ids=lambda path: path.relative_to(BASE_DIR).as_posix())
def test_months_are_written_as_the_language_writes_days(path: Path) -> None:
    """“30 mayo 2022” is no Spanish: ``|day`` and ``|moment`` ask the catalogs for the pattern."""
    assert re.findall(r"""\|date:["'](?!\w+_FORMAT)[^"']*[FMN]""", path.read_text()) == []


def test_a_word_without_translation_would_be_found() -> None:
    assert visible_words('<p title="Autor">{% trans "Authors" %} {{ name }} hier</p>') == {"Autor", "hier"}


def colours(mode: str) -> dict[str, str]:
    blocks = re.findall(r":root\s*{([^}]*)}", (STATIC / "css" / "tokens.css").read_text())
    light, dark = (dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6})", block)) for block in blocks)
    return light if mode == "light" else light | dark


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "shade"])
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "signal"])
def test_text_has_contrast_in_both_modes(mode: str, ground: str, ink: str) -> None:
    found = colours(mode)
    dark, light = sorted((luminance(found[ink]), luminance(found[ground])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_sheet_loads_only_fonts_that_lie_beside_it(path: Path) -> None:
    source = path.read_text()
    addresses = re.findall(r'url\("?([^")]+)"?\)', source)
    assert "@import" not in source
    assert [address for address in addresses if not (path.parent / address).resolve().is_file()] == []


@pytest.mark.parametrize("path", [*STYLES, *ADMIN_STYLES], ids=lambda path: path.name)
def test_a_style_sheet_knows_neither_left_nor_right(path: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    physical = r"\b(?:margin|padding|border)-(?:left|right|top|bottom)\b|\b(?:left|right)\s*:|:\s*(?:left|right)\b"
    assert re.findall(physical, source) == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_every_rule_lies_in_a_layer(path: Path) -> None:
    source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    depth, outside = 0, ""
    for character in source:
        depth -= character == "}"
        outside += character if depth == 0 and character not in "{}" else ""
        depth += character == "{"
    heads = [head.strip() for head in re.split(r"\n\s*\n|;|(?=@)", outside) if head.strip()]
    assert [head for head in heads if not head.startswith(("@layer", "@font-face"))] == []


def test_every_font_comes_with_its_licence() -> None:
    licences = [(STATIC / "fonts" / f"source-{family}-OFL.txt").read_text() for family in ("serif-4", "sans-3")]
    assert all("SIL OPEN FONT LICENSE" in licence for licence in licences)


def test_icons_come_with_their_licence() -> None:
    assert "ISC License" in (BASE_DIR / "templates" / "includes" / "icons" / "LICENSE-lucide.txt").read_text()


def test_motion_is_only_for_those_who_did_not_ask_for_none() -> None:
    moving = "".join(path.read_text() for path in STYLES)
    start = moving.index("@media (prefers-reduced-motion: no-preference)")
    allowed = moving[start : moving.index("\n  }\n", start)]
    assert re.findall(r"(?:transition|animation)[^;]*;", moving.replace(allowed, "")) == []
    assert max(int(number) for number in re.findall(r"(\d+)ms", allowed)) <= 150
