"""A site in memory: publications and publishers that a test puts there, hidden and shown at will. Everything that the
contract asks for is answered from two dicts, also the database condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Q

from federation.contract import Admission, Publication, Publisher

PATH = "tests.factories.fake_source.FakeSource"


class FakeSource:
    """Made anew whenever settings change, so what it knows belongs to the class; ``installed`` empties it."""

    publications: dict[str, Publication] = {}
    publishers: dict[str, Publisher] = {}
    hidden: set[str] = set()
    owners: dict[str, str] = {}
    pins: dict[str, tuple[str, ...]] = {}
    admissions: dict[str, Admission] = {}

    def publication(self, key: str) -> Publication | None:
        return None if key in self.hidden else self.publications.get(key)

    def publisher(self, key: str) -> Publisher | None:
        return None if key in self.hidden else self.publishers.get(key)

    def publisher_exists(self, key: str) -> bool:
        return key in self.publishers

    def publisher_of(self, key: str) -> str | None:
        found = self.publications.get(key)
        return found.publisher if found else self.owners.get(key)

    def is_publisher(self, key: str) -> str | None:
        return self.owners.get(key)

    def pinned(self, publisher: str) -> tuple[str, ...]:
        return tuple(key for key in self.pins.get(publisher, ()) if key not in self.hidden)

    def admission(self, publisher: str) -> Admission:
        return self.admissions.get(publisher, Admission())

    def public_condition(self, key_reference: Any, *, few: bool = False) -> Q:
        name = getattr(key_reference, "name", key_reference)
        return Q(**{f"{name}__in": list(self.public_keys())})

    def public_keys(self) -> Iterator[str]:
        return iter(sorted(self.publications.keys() - self.hidden))

    def publisher_keys(self) -> Iterator[str]:
        return iter(sorted(self.publishers.keys() - self.hidden))

    def url_is_publication(self, url: str) -> str | None:
        known = {**self.publications, **self.publishers}
        return next((key for key, value in known.items() if value.url == url), None)

    def publishers_editable_by(self, user: Any) -> set[str] | None:
        return None


def installed(override: Any) -> type[FakeSource]:
    """``override`` is pytest-django's ``settings`` fixture."""
    FakeSource.publications, FakeSource.publishers, FakeSource.hidden, FakeSource.owners = {}, {}, set(), {}
    FakeSource.pins, FakeSource.admissions = {}, {}
    override.FEDERATION = {**settings.FEDERATION, "SOURCE": PATH}
    return FakeSource
