"""The answers themselves, in memory, the least recently used leaving first. Knows neither Django nor the database: what
makes an answer too old is told by the caller."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

_ROW = 2048  # bytes that an entry takes beside its body: headers, key, objects


@dataclass(frozen=True, slots=True)
class Answer:
    """``epoch`` is that of the moment before the first look at the database; ``stored`` and ``until`` are seconds since
    1970. ``etag`` has its quotation marks."""

    body: bytes
    headers: dict[str, str]
    etag: str
    epoch: int
    stored: float
    until: float

    @property
    def size(self) -> int:
        return len(self.body) + _ROW


class Store:
    """Holds ``limit`` bytes at most. Any number of threads may use it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._newest = -1
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._answers)

    def find(self, key: Hashable, epoch: int, now: float) -> Answer | None:
        """Only an answer of this very epoch. A clock that was set back ends it too."""
        with self._lock:
            found = self._answers.get(key)
            if found is None or found.epoch != epoch or not found.stored <= now < found.until:
                return None
            self._answers.move_to_end(key)
            return found

    def put(self, key: Hashable, answer: Answer) -> None:
        with self._lock:
            if answer.epoch < self._newest or answer.size > self.limit:
                return
            if answer.epoch > self._newest:  # nothing older will ever be asked for again
                self._answers.clear()
                self.size, self._newest = 0, answer.epoch
            old = self._answers.pop(key, None)
            self.size += answer.size - (old.size if old else 0)
            self._answers[key] = answer
            while self.size > self.limit:
                _key, dropped = self._answers.popitem(last=False)
                self.size -= dropped.size
