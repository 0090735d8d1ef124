"""What a reader on another server sees after it has been sent things, by the rules that Mastodon follows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup

from tests.factories import loopback
from tests.factories.delivery import Sink
from tests.factories.loopback import Seen as Request


class Reader(Sink):
    """A server that shows to its people only what it took: a refusal is no message."""

    def __init__(self) -> None:
        super().__init__(202)
        self.taken: list[Request] = []

    def reply(self, seen: Request) -> bytes:
        if self.answers[0] < 300:
            self.taken.append(seen)
        return super().reply(seen)


@contextmanager
def reader() -> Iterator[Reader]:
    made = Reader()
    with loopback.Peer(made.reply) as made.peer:
        yield made


@dataclass(frozen=True)
class Shown:
    """One piece as its reader sees it. ``publisher`` is an actor's id. ``pictures`` are (alternative text, credit),
    ``files`` say title and bytes, ``links`` are (words, address), the address empty where there are only words."""

    publisher: str
    form: str
    title: str
    summary: str
    url: str
    pictures: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    took_part: tuple[str, ...]
    authors: str


@dataclass
class Timeline:
    """``posts`` and ``profiles`` by id; ``gone`` are ids whose end was heard, which are never accepted again;
    ``ignored`` says what made no difference, and why."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    heard: dict[str, bytes] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def hear(self, request: Request) -> None:
        activity = json.loads(request.body)
        if self.heard.setdefault(activity["id"], request.body) is not request.body:
            self.ignored.append(f"{activity['id']} came twice")
            return
        if activity["actor"] in self.gone:
            self.ignored.append(f"{activity['type']} by somebody who is gone")
            return
        about = activity["object"]
        verb, target = activity["type"], about if isinstance(about, str) else about["id"]
        if verb == "Delete":
            self._end(target, activity["actor"])
        elif target in self.gone:
            self.ignored.append(f"{verb} of {target}, which is gone")
        elif target == activity["actor"]:
            self.profiles[target] = about
        else:
            {"Create": self._create, "Update": self._update}[verb](target, about, activity["actor"])

    def _create(self, target: str, about: dict[str, Any], actor: str) -> None:
        if target in self.posts:
            self.ignored.append(f"Create of {target}, which is known")
        elif about["attributedTo"] == actor:
            self.posts[target] = about

    def _update(self, target: str, about: dict[str, Any], actor: str) -> None:
        known = self.posts.get(target)
        if known is None:
            self.ignored.append(f"Update of {target}, which is unknown")
        elif known["attributedTo"] != actor or about["attributedTo"] != actor:
            self.ignored.append(f"Update of {target} by somebody else")
        elif about["updated"] <= known.get("updated", known["published"]):
            self.ignored.append(f"Update of {target}, which is not newer")
        else:
            self.posts[target] = about

    def _end(self, target: str, actor: str) -> None:
        if target in self.posts and self.posts[target]["attributedTo"] != actor:
            self.ignored.append(f"Delete of {target} by somebody else")
            return
        self.gone.add(target)
        self.posts.pop(target, None)
        if target == actor:
            self.profiles.pop(target, None)
            self.posts = {uri: post for uri, post in self.posts.items() if post["attributedTo"] != actor}

    def shown(self) -> list[Shown]:
        return sorted((show(post) for post in self.posts.values()), key=repr)


def listen(requests: Iterable[Request]) -> Timeline:
    timeline = Timeline()
    for request in requests:
        timeline.hear(request)
    return timeline


def show(post: dict[str, Any]) -> Shown:
    """Reads the document as a person would."""
    soup = BeautifulSoup(post["content"], "html.parser")
    title = soup.h2.get_text()
    if post.get("name", title) != title:
        raise ValueError(f"two titles: {title!r} and {post['name']!r}")
    image = post.get("image")
    linked = [p for p in soup.find_all("p") if p.get_text().startswith("see ")]
    return Shown(
        publisher=post["attributedTo"],
        form=post["type"],
        title=title,
        summary=BeautifulSoup(post.get("summary", ""), "html.parser").get_text(),
        url=post["url"],
        pictures=((image["name"], image["creditText"]),) if image else (),
        files=tuple(f"{file['name']} {file['size']}" for file in post["attachment"] if "size" in file),
        links=tuple((p.get_text(), p.a["href"] if p.a else "") for p in linked),
        took_part=tuple(li.get_text() for li in soup.find_all("li") if li.get_text().startswith("Organisation ")),
        authors="".join(p.get_text() for p in soup.find_all("p") if p.get_text().startswith("Author ")),
    )
