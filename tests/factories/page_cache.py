"""The page cache as a web process has it, for tests on a database where things are committed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from cms.page_cache.listener import listener
from cms.page_cache.middleware import store_of
from tests.factories.instances import eventually

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@contextmanager
def page_cache(limit: int = 8 * 1024 * 1024) -> Iterator[None]:
    """On inside this block, with a listener that has connected."""
    with override_settings(PAGE_CACHE_BYTES=limit):
        store_of.cache_clear()
        try:
            eventually(lambda: listener.epoch is not None, what="the listener connects")
            yield
        finally:
            listener.stop()
            store_of.cache_clear()


def reader() -> Client:
    """Somebody without cookies, who never gets any."""
    return Client(headers={"accept": BROWSER, "host": "hub.example"})


def is_kept(path: str, client: Client | None = None, **headers: str) -> bool:
    """Whether the answer comes from memory: it then asks the database nothing."""
    with CaptureQueriesContext(connection) as asked:
        answer = (client or reader()).get(path, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return not asked
