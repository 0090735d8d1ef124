"""What a form must bring along, instead of the cookie that Django's own protection needs: readers get none before they
click. It proves that the form was shown here within the last hour, for this very thing; so a script has to fetch a page
for each attempt, and old forms cannot be collected."""

from __future__ import annotations

from django.core import signing

_SALT = "cms.follow"
LASTS = 60 * 60  # seconds


def make_token(gesture: str, key: str) -> str:
    about = f"{gesture}:{key}"
    return signing.TimestampSigner(salt=_SALT).sign(about).removeprefix(f"{about}:")


def is_good(token: str, gesture: str, key: str) -> bool:
    try:
        signing.TimestampSigner(salt=_SALT).unsign(f"{gesture}:{key}:{token}", max_age=LASTS)
    except signing.BadSignature:
        return False
    return True
