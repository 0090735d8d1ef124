"""Where the words of the interface lie: each room has the catalogs for its own code and templates. English is what
stands in the code, so it has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[2]
# Django's plural forms of each, so that its words and ours are counted alike.
PLURALS = {"de": "nplurals=2; plural=(n != 1);", "es": "nplurals=2; plural=(n != 1);"}
_ENDINGS = {".py", ".html", ".txt"}
_WITHOUT = {"migrations", "icons", "__pycache__"}


@dataclass(frozen=True, slots=True)
class Room:
    """``sources`` are folders, relative to the checkout; what lies below one of ``others`` is another room's."""

    name: str
    sources: tuple[str, ...]
    others: tuple[str, ...] = ()

    def files(self) -> Iterator[Path]:
        for source in self.sources:
            for path in sorted((ROOT / source).rglob("*")):
                if path.suffix not in _ENDINGS or _WITHOUT & set(path.parts):
                    continue
                if not any(path.is_relative_to(ROOT / other) for other in self.others):
                    yield path

    def catalog(self, language: str) -> Path:
        return ROOT / self.name / "locale" / language / "LC_MESSAGES" / "django.po"


ROOMS = (
    Room("cms", ("cms", "site/config", "templates"), ("templates/federation",)),
    Room("federation", ("federation", "templates/federation")),
)


def compiled(catalog: polib.POFile) -> bytes:
    """What stands in the file beside it that ends with ``.mo``; the same text gives the same bytes."""
    binary: bytes = catalog.to_binary()
    return binary
