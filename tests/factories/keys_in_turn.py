"""Keys of our own actors, ready made: an RSA key takes longer to make than most tests take altogether."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.signatures.keys import generate_rsa

# No test has as many actors, so no two of a test share a key.
HOW_MANY = 32


class KeysInTurn:
    """In place of ``make``, whose keys they are: so many, each made when it is first its turn, and then again and
    again."""

    def __init__(self, make: Callable[[], RSAPrivateKey] = generate_rsa) -> None:
        self._make, self._turns = make, cycle(range(HOW_MANY))
        self._made: dict[int, RSAPrivateKey] = {}
        self._lock = threading.Lock()  # workers of a test make actors at the same time

    def __call__(self) -> RSAPrivateKey:
        with self._lock:
            turn = next(self._turns)
            if turn not in self._made:
                self._made[turn] = self._make()
            return self._made[turn]


@contextmanager
def keys_in_turn() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("federation.actors.keystore.generate_rsa", KeysInTurn())
        yield
