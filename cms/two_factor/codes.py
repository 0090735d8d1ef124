"""Codes as values: nothing here knows a database or the clock."""

from __future__ import annotations

import re
import secrets
from base64 import b32encode
from hashlib import sha256
from urllib.parse import quote, urlencode

from django_otp.oath import TOTP

STEP = 30  # seconds that a code is shown
TOLERANCE = 1  # steps before and after, for clocks that go wrong and people who type slowly
RECOVERY_CODES = 10
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is mistaken for another
_TIME_CODE = re.compile(r"[0-9]{6}\Z")


def new_secret() -> bytes:
    """160 bits, as RFC 4226 §4 recommends."""
    return secrets.token_bytes(20)


def tidy(code: str) -> str:
    """As it is compared: without the spaces and dashes that people and apps put in."""
    return re.sub(r"[\s-]", "", code).lower()


def is_time_code(code: str) -> bool:
    return bool(_TIME_CODE.match(code))


def find_step(secret: bytes, code: str, seconds: float, after: int) -> int | None:
    """The time step (Unix time over 30 s) that a tidied code is of, if it is right at ``seconds`` and later than the
    step ``after``, which was used already; else None."""
    if not is_time_code(code):
        return None
    clock = TOTP(secret, step=STEP)
    clock.time = seconds
    return int(clock.t()) if clock.verify(int(code), tolerance=TOLERANCE, min_t=after + 1) else None


def new_recovery_codes() -> list[str]:
    """16 letters and digits of 31 each: 79 bits by lot, so that a plain hash cannot be guessed backwards."""
    return [_grouped("".join(secrets.choice(_ALPHABET) for _ in range(16))) for _ in range(RECOVERY_CODES)]


def digest_of(code: str) -> str:
    return sha256(tidy(code).encode()).hexdigest()


def spoken(secret: bytes) -> str:
    """The secret as somebody types it into an app that cannot read the picture."""
    return _grouped(b32encode(secret).decode().lower())


def app_address(secret: bytes, person: str, place: str) -> str:
    """What the QR code says, in the form that authenticator apps read. A colon separates place and person in it."""
    label = f"{place}:{person}".replace(":", " ", place.count(":"))
    values = {"secret": b32encode(secret).decode(), "issuer": place.replace(":", " "), "digits": 6, "period": STEP}
    return f"otpauth://totp/{quote(label)}?{urlencode(values, quote_via=quote)}"


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
