"""A cache such as people put in front: it obeys ``Cache-Control`` and asks again where it is told to, but it has never
heard of ``Vary``. One address, one answer."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

# RFC 9111 §3: what may be kept without being told for how long. A careless cache keeps any answer that it may.
_KEPT_SO_LONG = 3600
_MAX_AGE = re.compile(r"(?:s-maxage|max-age)=(\d+)")


@dataclass
class Seen:
    """What somebody got; ``from_memory`` if the cache answered, asked again or not."""

    status: int
    headers: dict[str, str]
    body: bytes
    from_memory: bool = False


@dataclass
class CarelessCache:
    inside: Client = field(default_factory=Client)
    kept: dict[str, tuple[Seen, float]] = field(default_factory=dict)

    def get(self, path: str, accept: str | None) -> Seen:
        seen, until = self.kept.get(path, (None, 0.0))
        if seen is not None and until > time.monotonic():
            return Seen(seen.status, seen.headers, seen.body, from_memory=True)
        known = {"If-None-Match": seen.headers["ETag"]} if seen is not None and "ETag" in seen.headers else {}
        answer = self._ask(path, accept, known)
        if answer.status_code == 304 and seen is not None:
            return Seen(seen.status, seen.headers, seen.body, from_memory=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        fresh = Seen(answer.status_code, dict(answer.items()), body)
        self._keep(path, fresh)
        return fresh

    def _ask(self, path: str, accept: str | None, headers: dict[str, str]) -> Any:
        given = {"host": "hub.example"} | headers | ({"accept": accept} if accept is not None else {})
        self.inside.cookies.clear()
        return self.inside.get(path, headers=given)

    def _keep(self, path: str, answer: Seen) -> None:
        says = answer.headers.get("Cache-Control", "")
        if "no-store" in says or "private" in says:
            return
        age = _MAX_AGE.search(says)
        seconds = 0 if "no-cache" in says else int(age[1]) if age else _KEPT_SO_LONG
        self.kept[path] = (answer, time.monotonic() + seconds)
