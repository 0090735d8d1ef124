"""What a supervisor is told."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from config import health


@pytest.mark.django_db
def test_a_process_that_reaches_its_database_is_healthy(client: Client) -> None:
    answer = client.get("/-/health")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "page_cache": "off"})


def test_a_process_without_its_database_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lost:
        def cursor(self) -> None:
            raise OperationalError("the server closed the connection")

    monkeypatch.setattr(health, "connection", Lost())
    assert health.health(RequestFactory().get("/-/health")).status_code == 503


@pytest.mark.django_db
def test_no_cache_may_keep_the_answer(client: Client) -> None:
    assert "no-store" in client.get("/-/health")["Cache-Control"]
