"""Reads the body of an answer and no more of it than asked for. A small answer can unpack to gigabytes, so what counts
is the unpacked size, and only gzip is understood. Called by :mod:`.client`."""

from __future__ import annotations

from urllib3.exceptions import HTTPError, ProtocolError, SSLError
from urllib3.response import BaseHTTPResponse

from federation.errors import AnswerTooLarge, BadAnswer, ConnectFailed, NetworkError, TlsFailed

_CHUNK = 16 * 1024
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip"})


def read_whole(raw: BaseHTTPResponse, limit: int) -> bytes:
    """The unpacked body, at most ``limit`` bytes. Raises :class:`AnswerTooLarge` and others of the family."""
    if raw.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
        raise BadAnswer("packed in a way that was not asked for")
    declared = raw.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise AnswerTooLarge(f"{declared[:20]} bytes announced, at most {limit} are read")
    pieces = []
    left = limit
    try:
        while piece := raw.read(min(_CHUNK, left + 1), decode_content=True):
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                raise AnswerTooLarge(f"more than {limit} bytes")
    except SSLError as error:
        raise TlsFailed(str(error)) from error
    except ProtocolError as error:
        raise ConnectFailed(f"the answer was broken off: {error}") from error
    except HTTPError as error:
        raise BadAnswer(f"damaged: {error}") from error
    return b"".join(pieces)


def read_start(raw: BaseHTTPResponse, keep: int, drain: int) -> bytes:
    """The first ``keep`` bytes as they came, for a log. The rest is read up to ``drain`` bytes, so that the connection
    can be used again; the status is known already, so trouble with the body is no trouble."""
    start = b""
    seen = 0
    try:
        while seen < drain and (piece := raw.read(_CHUNK, decode_content=False)):
            seen += len(piece)
            start = (start + piece)[:keep]
    except (HTTPError, NetworkError):
        pass
    return start
