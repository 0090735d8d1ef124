"""A site that is a file, so that several worker processes see the same one while a test changes it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings

from federation.contract import Publication, Publisher
from tests.factories.fake_source import FakeSource
from tests.factories.publications import make_publication, make_publisher

ORG = "organisation:6f1c"


def site_file(var_dir: Path) -> Path:
    return var_dir / "site.json"


def write_site(var_dir: Path, titles: dict[str, str]) -> None:
    """``titles`` of what is public, by key. Whoever reads meanwhile sees the old or the new, and nothing between."""
    new = site_file(var_dir).with_suffix(".new")
    new.write_text(json.dumps(titles))
    os.replace(new, site_file(var_dir))


class FileSite(FakeSource):
    """One organisation, and what the file says."""

    def _titles(self) -> dict[str, str]:
        return dict(json.loads(site_file(settings.VAR_DIR).read_text()))

    def publication(self, key: str) -> Publication | None:
        title = self._titles().get(key)
        return None if title is None else make_publication(key=key, publisher=ORG, title=title)

    def publisher(self, key: str) -> Publisher | None:
        return make_publisher(key=ORG, handle="partner") if key == ORG else None

    def publisher_exists(self, key: str) -> bool:
        return key == ORG

    def public_keys(self) -> Any:
        return iter(sorted(self._titles()))

    def publisher_keys(self) -> Any:
        return iter([ORG])
