"""Times as signatures write them: the HTTP date, Unix seconds, and the proof's timestamp. Times come in as aware
datetimes; nothing here asks what time it is. Called by both schemes and by the proofs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?")


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC. A naive time would be read as the machine's local time and sign for another hour, so it
    raises ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone cannot be signed")
    return moment.astimezone(UTC)


def http_date(moment: datetime) -> str:
    """``Tue, 20 Apr 2021 02:07:55 GMT`` (IMF-fixdate, RFC 9110 §5.6.7)."""
    return format_datetime(in_utc(moment), usegmt=True)


def read_http_date(text: str) -> int:
    """Unix seconds; raises ValueError. The obsolete forms carry no zone and mean GMT."""
    try:
        moment = parsedate_to_datetime(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (TypeError, OverflowError) as error:
        raise ValueError("not an HTTP date") from error


def timestamp(moment: datetime) -> str:
    """``2023-02-24T23:36:38Z``: whole seconds, because some peers cannot read a fraction."""
    return in_utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_timestamp(text: str) -> datetime:
    """An aware datetime from an XML Schema dateTime; raises ValueError. Without a zone it means UTC (Data Integrity
    §2.1)."""
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("not a timestamp")
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
