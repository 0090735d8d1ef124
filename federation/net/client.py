"""The HTTP client for everything remote. It signs, sends and reads within limits; it never follows where a redirect may
not lead, and knows no cookies, proxies or passwords that could leak. It does not judge what an answer means: that is
for :mod:`.fetch`, :mod:`.webfinger` and the delivery pump, which call it."""

from __future__ import annotations

import math
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Self

from federation.conf import federation_settings
from federation.errors import BadAnswer, NetworkError, Refused
from federation.signatures.message import Message
from federation.signatures.sign import Scheme, Signer, sign

from .body import read_start, read_whole
from .exchange import Exchange, Limits, Terms, current, entered
from .guard import Policy, check_url
from .location import Location
from .lookup import own_addresses
from .session import GuardedSession
from .tls import shared_context
from .transport import StaleConnection

MAX_REDIRECTS = 3
MAX_ANSWER = 1024 * 1024
KEPT_OF_REFUSALS = 1024
_FOLLOWED_BY_GET = frozenset({301, 302, 303, 307, 308})
# 301 to 303 turn a POST into a GET in many clients: the activity would be lost and its sender told 200.
_FOLLOWED_BY_POST = frozenset({307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` have lower-case names, several of one name joined by ", ". ``url`` is where it came from in the end.
    ``body`` is unpacked and whole for a 200 to a GET; else its first 1,024 bytes, for a log."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


def _now() -> datetime:
    return datetime.now(UTC)


class Client:
    """Keeps connections alive, so one client is for many requests. Several threads may share it, but it keeps only one
    connection per host, to at most ``destinations`` hosts. All clients of a process share one TLS context.

    ``get`` and ``post`` raise :class:`~federation.errors.NetworkError` and nothing else for what the network does.
    """

    def __init__(
        self,
        terms: Terms,
        *,
        user_agent: str,
        context: ssl.SSLContext | None = None,
        now: Callable[[], datetime] = _now,
        destinations: int = 8,
    ) -> None:
        self.policy = terms.policy
        self._terms = terms
        self._user_agent = user_agent
        self._now = now
        self._latest = terms.monotonic() + terms.limits.altogether
        self._session = GuardedSession(context or shared_context(), destinations)

    def get(self, url: str, *, accept: str, signer: Signer | None = None, limit: int = MAX_ANSWER) -> Answer:
        """Fetches ``url`` (without its fragment), through at most three redirects. Every hop is judged and signed anew,
        and must be https if the first was (SO-08). ``limit`` is for the unpacked body of a 200."""
        with entered(Exchange(self._terms, self._latest)):
            location = check_url(url, self.policy)
            visited = {location}
            while True:
                answer = self._get_signed(location, accept, signer, limit)
                target = answer.headers.get("location")
                if answer.status not in _FOLLOWED_BY_GET or target is None:
                    return answer
                location = self._next_hop(location, target)
                if location in visited or len(visited) > MAX_REDIRECTS:
                    raise BadAnswer(f"redirected in a circle or more than {MAX_REDIRECTS} times: {url[:200]!r}")
                visited.add(location)

    def post(  # noqa: PLR0913  # a delivery is these six things
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        signer: Signer,
        scheme: Scheme,
        digest: bytes | None = None,
    ) -> Answer:
        """Sends ``body`` once, signed with one scheme; trying another is the caller's decision. ``digest`` is
        ``body_digest(body)`` if it is known. Only 307 and 308 within the origin are followed; any other redirect comes
        back as the answer, and is a failure like every status that is not 2xx. An error says ``unsent``."""
        with entered(Exchange(self._terms, self._latest)) as exchange, _noting_silence(exchange):
            location = check_url(url, self.policy)
            for _ in range(MAX_REDIRECTS + 1):
                headers = {"accept": "*/*", "user-agent": self._user_agent, "content-type": content_type}
                headers |= sign(Message("POST", location.url, headers, body), signer, scheme, self._now(), digest)
                headers["Content-Length"] = str(len(body))
                answer = self._send("POST", location, headers, body, 0)
                target = answer.headers.get("location")
                if answer.status not in _FOLLOWED_BY_POST or target is None:
                    return answer
                following = self._find_same_origin(location, target)
                if following is None:
                    return answer
                location = following
            return answer

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _get_signed(self, location: Location, accept: str, signer: Signer | None, limit: int) -> Answer:
        base = {"accept": accept, "user-agent": self._user_agent, "accept-encoding": "gzip"}
        for signed in self._signatures(location, base, signer):
            answer = self._send("GET", location, base | signed, None, limit)
            if answer.status != 401:
                break
        return answer

    def _signatures(self, location: Location, base: dict[str, str], signer: Signer | None) -> Iterator[dict[str, str]]:
        """What to try, each when the one before got 401: cavage; cavage without the query, which GoToSocial and old
        Mastodon leave out (SO-04); RFC 9421."""
        if signer is None:
            yield {}
            return
        yield sign(Message("GET", location.url, base), signer, Scheme.CAVAGE, self._now())
        if "?" in location.target:
            bare = location.url.partition("?")[0]
            yield sign(Message("GET", bare, base), signer, Scheme.CAVAGE, self._now())
        yield sign(Message("GET", location.url, base), signer, Scheme.RFC9421, self._now())

    def _send(
        self,
        method: str,
        location: Location,
        headers: dict[str, str],
        body: bytes | None,
        limit: int,
    ) -> Answer:
        exchange = current()
        exchange.begin(location, limit)
        try:
            response = self._session.request_once(method, location.url, headers, body)
        except StaleConnection:
            # The peer closed a kept connection while nobody looked. Once more, over a new one (RFC 9110 §9.2.2 allows
            # it where it does no harm: peers know an activity by its id).
            response = self._session.request_once(method, location.url, headers, body)
        raw = response.raw
        try:
            if method == "GET" and response.status_code == 200:
                content = read_whole(raw, limit)
            else:
                content = read_start(raw, KEPT_OF_REFUSALS, exchange.terms.limits.drain)
        finally:
            response.close()
        names = {name.lower(): value for name, value in raw.headers.itermerged()}
        return Answer(response.status_code, names, content, location.url)

    def _next_hop(self, location: Location, target: str) -> Location:
        following = check_url(location.join(target), self.policy)
        if location.scheme == "https" and following.scheme != "https":
            raise Refused(f"redirected from https to http: {following.url[:200]!r}")
        return following

    def _find_same_origin(self, location: Location, target: str) -> Location | None:
        try:
            following = self._next_hop(location, target)
        except Refused:
            return None
        return following if following.origin == location.origin else None


@contextmanager
def _noting_silence(exchange: Exchange) -> Iterator[None]:
    try:
        yield
    except NetworkError as error:
        error.unsent = not exchange.spoke
        raise


def client(*, destinations: int = 8, seconds: float = math.inf, total: float | None = None) -> Client:
    """A client as the settings say; all its calls together end within ``seconds`` from now. ``total`` is how many
    seconds one call may take, if not the usual number. The delivery pump makes one per thread; the caller closes it."""
    settings = federation_settings()
    policy = Policy(allow_private=settings.ALLOW_PRIVATE, allow_http=settings.allow_http, own_addresses=own_addresses())
    limits = Limits(altogether=seconds) if total is None else Limits(altogether=seconds, total=total)
    return Client(
        Terms(policy, limits),
        user_agent=f"Commonwire/{_version()} (+{settings.ORIGIN}/)",
        context=shared_context(settings.CA_BUNDLE),
        destinations=destinations,
    )


@contextmanager
def borrowed(given: Client | None) -> Iterator[Client]:
    """The given client, left open; or else one of the settings, closed at the end."""
    if given is not None:
        yield given
        return
    with client() as own:
        yield own


@lru_cache(maxsize=1)
def _version() -> str:
    try:
        return version("commonwire")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
