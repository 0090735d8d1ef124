"""What Mastodon's app for Android does with a link that somebody taps, and what Mastodon does for it: read from their
sources in August 2026 (``UiUtils.openURL``, ``FetchResourceService``, ``converted_text``), and asked of our pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup
from django.test import Client

from tests.factories.publications import HUB

ACCEPT = (
    'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1'
)
DOCUMENTS = ("application/activity+json", "application/ld+json")
ACTORS = {"Organization", "Application", "Person", "Service", "Group"}
BROWSER, POST, PROFILE = "browser", "post", "profile"
# Paths that Tusky and the apps made from it take for those of a post or a profile; with a query or fragment, none.
LOOKS_LIKE_A_POST = re.compile(
    r"/@[^/]+|/@[^/]+/\d+|/users/[^/]+/statuses/\w+|/users?/\w+|/notice/\w+|/objects/[-a-f0-9]+|/notes/[a-z0-9]+"
    r"|/display/[-a-f0-9]+|/profile/\w+|/p/\w+/\d+|/\w+|/@[^/]+/statuses/\w+|/o/[a-f0-9]+"
)


@dataclass(frozen=True)
class Post:
    """An object of ours as Mastodon keeps it."""

    id: str
    url: str
    links: tuple[str, ...]
    card: str


def receive(document: dict[str, Any]) -> Post:
    """Of an Article Mastodon shows name, summary and the address; of a Note the content. The card is of the first link
    that is attached (since 4.7, ``process_attachments``), else in the text, under the address that the page calls its
    own."""
    url = document["url"]
    shown = document["content"] if document["type"] == "Note" else f'<a href="{url}">{url}</a>'
    links = tuple(str(tag["href"]) for tag in BeautifulSoup(shown, "html.parser").find_all("a"))
    attached = [item["href"] for item in document["attachment"] if item.get("href")]
    page = _get([*attached, *links][0], "text/html")
    canonical = BeautifulSoup(page.content, "html.parser").find("link", rel="canonical")
    return Post(document["id"], url, links, str(canonical["href"]))  # type: ignore[index]


def tap(link: str, inside: Post) -> str:
    """Where the app goes from a link in this post."""
    found = None if link == inside.url else resolve(link)
    if found is None or found["id"] == inside.id:
        return BROWSER
    return PROFILE if found["type"] in ACTORS else POST


def resolve(link: str, terminal: bool = False) -> dict[str, Any] | None:
    """The document that Mastodon finds for an address; None if there is none."""
    answer = _get(link, ACCEPT)
    if answer.status_code != 200:
        return None
    media_type = answer["Content-Type"].partition(";")[0]
    if media_type in DOCUMENTS:
        document: dict[str, Any] = answer.json()
        return document
    if terminal:
        return None
    header = re.search(r'<([^>]*)>; rel="alternate"; type="application/activity\+json"', answer.get("Link", ""))
    if header:
        return resolve(header.group(1), terminal=True)
    if media_type != "text/html":
        return None
    found = BeautifulSoup(answer.content, "html.parser").find("link", rel="alternate", type=DOCUMENTS[0])
    return resolve(str(found["href"]), terminal=True) if found else None  # type: ignore[index]


def _get(link: str, accept: str) -> Any:
    """With redirects, as both follow them. Nobody else's addresses are asked for."""
    assert link.startswith(f"{HUB}/"), link
    path = link.removeprefix(HUB)
    for _ in range(4):
        answer = Client().get(path, headers={"Accept": accept, "Host": "hub.example"})
        if answer.status_code not in (301, 302, 303, 307, 308):
            break
        path = answer["Location"].removeprefix(HUB)
    return answer
