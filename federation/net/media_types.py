"""What a ``Content-Type`` header says, compared exactly. A server that hosts uploads serves them under its own origin,
and only the type tells a document from a file that pretends to be one (Mastodon GHSA-jhrq-qvrm-qr36), so nothing is
guessed. Pure; called by :mod:`.fetch` and :mod:`.webfinger`."""

from __future__ import annotations

from email.message import Message

ACTIVITY_JSON = "application/activity+json"
_LD_JSON = "application/ld+json"
_PROFILE = "https://www.w3.org/ns/activitystreams"
ACTIVITY_TYPE_WITH_PROFILE = f'{_LD_JSON}; profile="{_PROFILE}"'
# Asked for in this order: GoToSocial and others look at the first only (SO-10).
ACCEPT_ACTIVITY = f"{ACTIVITY_JSON}, {ACTIVITY_TYPE_WITH_PROFILE}"


def is_activity_type(header: str) -> bool:
    """``application/activity+json``, or ``application/ld+json`` whose profile names ActivityStreams (AU-02)."""
    name, parameters = read_media_type(header)
    if not _is_utf8(parameters):
        return False
    return name == ACTIVITY_JSON or (name == _LD_JSON and _PROFILE in parameters.get("profile", "").split())


def is_one_of(header: str, names: frozenset[str]) -> bool:
    """Whether the type, without parameters, is one of ``names``, and the text in UTF-8."""
    name, parameters = read_media_type(header)
    return name in names and _is_utf8(parameters)


def read_media_type(header: str) -> tuple[str, dict[str, str]]:
    """Type and parameters, names in lower case; the type is empty if the header cannot be read."""
    message = Message()
    message["content-type"] = header.replace("\r", "").replace("\n", "")
    try:
        (name, _), *parameters = message.get_params(failobj=[("", "")])
    except (TypeError, ValueError):  # Python's reader breaks on odd continuations (RFC 2231): "a*=x; a*0=y"
        return "", {}
    return name.strip().lower(), {str(key).lower(): str(value) for key, value in parameters}


def _is_utf8(parameters: dict[str, str]) -> bool:
    return parameters.get("charset", "utf-8").strip().lower() in {"utf-8", "utf8"}
