"""The door for POSTs: what reaches ``inbox.receive``, and what its verdicts become."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.db import InterfaceError
from django.test import Client, RequestFactory

from federation.actors.local import delete_actor
from federation.errors import BadInput, Blocked, NotAuthenticated, TryLater, WrongMediaType
from federation.models import InboundActivity
from federation.views import inbox
from federation.views.inbox import read_body, wire_url
from tests.factories.fake_source import installed
from tests.factories.publications import CHANGED
from tests.factories.signed_requests import rsa_key
from tests.factories.told import make_actor, path_of

pytestmark = pytest.mark.django_db
AS2 = "application/activity+json"


class Receiver:
    """Stands in for ``inbox.receive``: keeps what it was given, says what it was told to say."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.error: Exception | None = None

    def __call__(self, message: Any, **facts: Any) -> int:
        self.calls.append({"message": message, **facts})
        if self.error is not None:
            raise self.error
        return 202


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    found = Receiver()
    monkeypatch.setattr(inbox, "receive", found)
    return found


@pytest.fixture(autouse=True)
def site(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("federation.actors.keystore.generate_rsa", rsa_key)
    installed(settings)
    settings.FEDERATION = {**settings.FEDERATION, "MAX_INBOX_BYTES": 1000}


def post(path: str = "/ap/inbox", body: bytes = b"{}", **headers: str) -> Any:
    client = Client(enforce_csrf_checks=True)
    return client.post(path, body, content_type=AS2, headers={name.replace("_", "-"): v for name, v in headers.items()})


def test_a_post_reaches_the_inbox_as_it_came(receiver: Receiver) -> None:
    response = post(body=b'{"type": "Follow"}', Signature='keyId="x"', Digest="SHA-256=x")
    assert (response.status_code, response.content) == (202, b"")
    message = receiver.calls[0]["message"]
    assert (message.method, message.url, message.body) == (
        "POST",
        "https://hub.example/ap/inbox",
        b'{"type": "Follow"}',
    )
    assert (message.headers["signature"], message.headers["digest"]) == ('keyId="x"', "SHA-256=x")
    assert (receiver.calls[0]["content_type"], receiver.calls[0]["recipient"]) == (AS2, None)


def test_a_personal_inbox_knows_whose_it_is(receiver: Receiver) -> None:
    actor = make_actor()
    assert post(f"{path_of(actor.uri)}/inbox").status_code == 202
    assert receiver.calls[0]["recipient"] == actor


def test_an_unknown_inbox_is_missing(receiver: Receiver) -> None:
    assert post("/ap/actors/6f1c0b0e-0000-4000-8000-000000000001/inbox").status_code == 404
    assert receiver.calls == []


def test_the_inbox_of_a_deleted_actor_is_gone(receiver: Receiver) -> None:
    actor = make_actor()
    delete_actor(actor, CHANGED)
    assert post(f"{path_of(actor.uri)}/inbox").status_code == 410


def test_a_body_of_the_limit_is_read(receiver: Receiver) -> None:
    assert post(body=b"x" * 1000).status_code == 202


def test_a_larger_body_is_refused_unread(receiver: Receiver) -> None:
    assert post(body=b"x" * 1001).status_code == 413
    assert receiver.calls == []


@pytest.mark.parametrize(("size", "left"), [(2000, b""), (2001, b"x")])
def test_nothing_is_read_once_the_stated_length_is_far_too_large(size: int, left: bytes) -> None:
    """A little too much is read and thrown away: a proxy hands on the answer only then."""
    request = RequestFactory().post("/ap/inbox", b"x" * size, content_type=AS2)
    with pytest.raises(inbox.TooLarge):
        read_body(request, 1000)
    assert request.read(1) == left


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_a_body_in_chunks_has_the_same_limit(size: int, fits: bool) -> None:
    request = RequestFactory().post("/ap/inbox", content_type=AS2, headers={"Transfer-Encoding": "chunked"})
    request.META.pop("CONTENT_LENGTH", None)
    request.environ["wsgi.input"] = io.BytesIO(b"x" * size)
    if fits:
        assert len(read_body(request, 1000)) == size
    else:
        with pytest.raises(inbox.TooLarge):
            read_body(request, 1000)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadInput(), 400),
        (NotAuthenticated("the secret detail"), 401),
        (Blocked(), 403),
        (WrongMediaType(), 415),
        (TryLater(), 503),
        (InterfaceError("the connection is closed"), 503),
    ],
)
def test_a_refusal_is_a_problem_document(receiver: Receiver, error: Exception, status: int) -> None:
    receiver.error = error
    response = post()
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert "secret" not in response.content.decode()
    assert response.get("Retry-After") == ("30" if status == 503 else None)


def test_a_refusal_says_why_in_a_sentence(receiver: Receiver) -> None:
    receiver.error = NotAuthenticated(sentence="The signature is too old.")
    assert post().json()["title"] == "The signature is too old."


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_posts_are_taken(client: Client, receiver: Receiver, method: str) -> None:
    response = getattr(client, method)("/ap/inbox")
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert receiver.calls == []


def test_an_unsigned_post_is_401_and_leaves_nothing() -> None:
    follow = b'{"id":"https://peer.example/1","type":"Follow","actor":"https://peer.example/a","object":"https://x/"}'
    assert post(body=follow).status_code == 401
    assert not InboundActivity.objects.exists()


@pytest.mark.parametrize(
    ("meta", "target"),
    [
        ({}, "/ap/inbox"),
        ({"QUERY_STRING": "a=%2F&b"}, "/ap/inbox?a=%2F&b"),
        ({"RAW_URI": "/ap//inbox%2F?x=%7e"}, "/ap//inbox%2F?x=%7e"),
        ({"REQUEST_URI": "/ap/inbox?", "RAW_URI": "/other"}, "/ap/inbox?"),
        ({"RAW_URI": "http://evil.example/ap/inbox?x"}, "/ap/inbox?x"),
        ({"RAW_URI": "//evil.example/ap/inbox"}, "//evil.example/ap/inbox"),
        ({"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_HOST": "evil.example"}, "/ap/inbox"),
        ({"PATH_INFO": "/ap/inbox/é ü"}, "/ap/inbox/%C3%A9%20%C3%BC"),
        ({"HTTP_X_FORWARDED_URI": "/ap/i%6Ebox"}, "/ap/i%6Ebox"),
        ({"HTTP_X_FORWARDED_URI": "/ap%2finbox?a=%2F", "QUERY_STRING": "a=%2F"}, "/ap%2finbox?a=%2F"),
        ({"HTTP_X_FORWARDED_URI": "/ap/inbox?"}, "/ap/inbox?"),
        ({"HTTP_X_FORWARDED_URI": "/ap/i%6Ebox", "RAW_URI": "/ap/inbox"}, "/ap/inbox"),
        # another path, another query, another host, bytes that are no text: not a spelling of what came
        ({"HTTP_X_FORWARDED_URI": "/ap/outbox"}, "/ap/inbox"),
        ({"HTTP_X_FORWARDED_URI": "/ap/inbox?a=/", "QUERY_STRING": "a=%2F"}, "/ap/inbox?a=%2F"),
        ({"HTTP_X_FORWARDED_URI": "//evil.example/ap/inbox"}, "/ap/inbox"),
        ({"HTTP_X_FORWARDED_URI": "https://evil.example/ap/inbox"}, "/ap/inbox"),
        ({"HTTP_X_FORWARDED_URI": "/ap/%ffinbox", "PATH_INFO": "/ap/inbox"}, "/ap/inbox"),
    ],
)
def test_the_signed_address_is_ours_with_the_target_as_on_the_wire(meta: dict[str, str], target: str) -> None:
    """Fails if ``_forwarded`` is not asked, or does not compare path and query with what came."""
    path = meta.pop("PATH_INFO", "/ap/inbox")
    request = RequestFactory().post(path, **meta)
    assert wire_url(request) == f"https://hub.example{target}"


def test_a_request_line_with_a_control_character_is_refused() -> None:
    with pytest.raises(BadInput):
        wire_url(RequestFactory().post("/ap/inbox", RAW_URI="/ap/inbox\x7f"))
