"""Fetches a document of a peer and makes sure that it is what it claims to be. A document says of itself who it is;
only the address that it came from proves it, and forgetting that let anyone speak for anyone (Mastodon CVE-2024-23832).
What the document means is for the caller. Called by ``actors``, ``inbox`` and ``exchange``."""

from __future__ import annotations

from dataclasses import dataclass

from federation.errors import BadAnswer, BadInput, Gone, Missing, NetworkError, ServerFailed, Unauthorised, Unavailable
from federation.signatures.sign import Signer
from federation.vocab.parse import read_json

from .client import MAX_ANSWER, Answer, Client, borrowed
from .location import same_origin
from .media_types import ACCEPT_ACTIVITY, is_activity_type

_UNAUTHORISED = 401
_REFUSALS: dict[int, type[NetworkError]] = {
    401: Unauthorised,
    403: Unauthorised,
    404: Missing,
    408: ServerFailed,
    410: Gone,
    425: ServerFailed,
    429: Unavailable,
    503: Unavailable,
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """``url`` is where the document came from after redirects, in the spelling that was requested there."""

    document: dict[str, object]
    url: str


def fetch_document(
    url: str, signer: Signer | None, *, other: Signer | None = None, client: Client | None = None
) -> Fetched:
    """An authentic document: it came from the origin of its ``id``, and ``id`` is exactly what was requested (AU-02).

    ``other`` is the same actor with another key, for a server that answers 401 to the first.
    If the first answer has another ``id`` (a page address, a shortened one), that ``id`` is requested once, and must
    then hold. Raises the :class:`NetworkError` family: :class:`Gone`, :class:`Missing`, :class:`Unauthorised`,
    :class:`Unavailable`, :class:`BadAnswer` and what the connection can raise.
    """
    with borrowed(client) as own:
        found = _fetch(own, url, signer, other)
        if _is_authentic(found, url):
            return found
        claimed = found.document.get("id")
        if not isinstance(claimed, str) or claimed == _without_fragment(url):
            raise BadAnswer(f"no id, or the id of another server's document: {url[:200]!r}")
        found = _fetch(own, claimed, signer, other)
        if _is_authentic(found, claimed):
            return found
        raise BadAnswer(f"the document at {claimed[:200]!r} has another id than its address")


def fetch_key_document(
    url: str, signer: Signer | None, *, other: Signer | None = None, client: Client | None = None
) -> Fetched:
    """The same without the rule about ``id``, which for a key is the caller's: some servers publish a key under an
    address of its own, with a document whose ``id`` is the key or the actor (SV-06)."""
    with borrowed(client) as own:
        return _fetch(own, url, signer, other)


def check_status(answer: Answer) -> None:
    """Raises what a status other than 200 means."""
    if answer.status == 200:
        return
    kind = _REFUSALS.get(answer.status) or (ServerFailed if answer.status >= 500 else BadAnswer)
    raise kind(f"HTTP {answer.status} from {answer.url[:200]!r}")


def read_document(answer: Answer, limit: int = MAX_ANSWER) -> dict[str, object]:
    """The JSON object in an answer. Raises :class:`BadAnswer`."""
    try:
        return read_json(answer.body, limit)
    except BadInput as error:
        raise BadAnswer(f"{error.detail or error.sentence} ({answer.url[:200]!r})") from error


def _fetch(client: Client, url: str, signer: Signer | None, other: Signer | None) -> Fetched:
    answer = client.get(url, accept=ACCEPT_ACTIVITY, signer=signer)
    if answer.status == _UNAUTHORISED and other is not None:
        answer = client.get(url, accept=ACCEPT_ACTIVITY, signer=other)
    check_status(answer)
    media_type = answer.headers.get("content-type", "")
    if not is_activity_type(media_type):
        raise BadAnswer(f"{media_type[:100]!r} instead of ActivityStreams from {answer.url[:200]!r}")
    return Fetched(read_document(answer), answer.url)


def _is_authentic(found: Fetched, requested: str) -> bool:
    name = found.document.get("id")
    return isinstance(name, str) and name == _without_fragment(requested) and same_origin(name, found.url)


def _without_fragment(url: str) -> str:
    return url.partition("#")[0]
