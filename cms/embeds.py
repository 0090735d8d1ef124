"""Which video sites a page may offer to load, and how. Pure: an address goes in, what to do with it comes out, and
nobody is asked. An address that is not listed stays a plain link."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

_ID = re.compile(r"[\w-]{1,64}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Embed:
    """``frame_url`` is what a frame may load after the reader's click; empty if there is only the link."""

    url: str
    host: str
    provider: str = ""
    frame_url: str = ""
    policy_url: str = ""


def read_embed(url: str) -> Embed:
    """What is known about the address. Never raises."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return Embed(url=url, host="")
    reader = _PROVIDERS.get(host)
    found = reader(parts.path, parse_qs(parts.query)) if reader and parts.scheme == "https" else None
    if not found:
        return Embed(url=url, host=host)
    provider, frame_url, policy_url = found
    return Embed(url=url, host=host, provider=provider, frame_url=frame_url, policy_url=policy_url)


type_of_found = tuple[str, str, str] | None


def _youtube(path: str, query: dict[str, list[str]]) -> type_of_found:
    candidates = [*query.get("v", []), *path.rsplit("/", 1)[-1:]]
    return _youtube_frame(next((name for name in candidates if _ID.match(name) and name != "watch"), ""))


def _youtube_frame(video: str) -> type_of_found:
    if not video:
        return None
    # The host without cookies still writes to the browser's storage, so it too waits for the click.
    return "YouTube", f"https://www.youtube-nocookie.com/embed/{video}", "https://policies.google.com/privacy"


def _vimeo(path: str, query: dict[str, list[str]]) -> type_of_found:
    video = path.strip("/").split("/")[0]
    if not video.isdecimal():
        return None
    return "Vimeo", f"https://player.vimeo.com/video/{video}?dnt=1", "https://vimeo.com/privacy"


_PROVIDERS = {"youtube.com": _youtube, "youtu.be": _youtube, "youtube-nocookie.com": _youtube, "vimeo.com": _vimeo}
