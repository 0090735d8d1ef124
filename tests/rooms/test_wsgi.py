"""What Django reads before any middleware must not break on what strangers send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from config.wsgi import application

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keep_the_connection() -> Iterator[None]:
    """As Django's own test client does: the end of a request must not close the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(
    "content_type", ["text/plain; a*=x; a*0=y", "text/plain; a*" + "1" * 5000 + "=y", "x; charset*=b'c"]
)
def test_a_content_type_that_nobody_can_read_is_no_error_of_ours(content_type: str) -> None:
    environ: dict[str, Any] = RequestFactory()._base_environ(PATH_INFO="/ap/", CONTENT_TYPE=content_type)
    environ["HTTP_HOST"] = "hub.example"
    answers: list[str] = []
    b"".join(application(environ, lambda status, headers, *_: answers.append(status)))
    assert answers == ["404 Not Found"]


@pytest.mark.parametrize("charset", ["hex", "base64", "undefined", "punycode", "idna", "utf-16", "a\x00b"])
@pytest.mark.parametrize("parameter", ["charset={}", "charset*=utf-8''{}"])
def test_a_charset_that_is_none_of_text_is_no_error_of_ours(charset: str, parameter: str) -> None:
    """Django believes that "hex" is a charset until a view reads a parameter, and breaks on U+0000 before that. Fails
    if ``config.wsgi`` looks at nothing but the header's form."""
    environ: dict[str, Any] = RequestFactory()._base_environ(
        PATH_INFO="/.well-known/webfinger",
        QUERY_STRING="resource=x",
        CONTENT_TYPE=f"text/plain; {parameter.format(charset)}",
    )
    environ["HTTP_HOST"] = "hub.example"
    answers: list[str] = []
    b"".join(application(environ, lambda status, headers, *_: answers.append(status)))
    assert answers == ["404 Not Found"]


def test_a_content_type_that_can_be_read_stays() -> None:
    environ: dict[str, Any] = RequestFactory()._base_environ(PATH_INFO="/ap/", CONTENT_TYPE="text/plain; charset=utf-8")
    environ["HTTP_HOST"] = "hub.example"
    application(environ, lambda *_: None)
    assert environ["CONTENT_TYPE"] == "text/plain; charset=utf-8"
