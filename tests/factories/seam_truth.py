"""What is public, who publishes it and what a reader sees, found the slow and plain way: all rows are read into memory
and looked at one by one. It asks nothing of the code that it is compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tests.factories.timeline import Shown

HUB = "https://hub.example"
_KINDS = ("newspage", "reportpage", "documentpage")
_LINK = re.compile(r'<a linktype="page" id="(\d+)">(see [^<]*)</a>')
_STEP = 4
_TABLES = (
    "federation_localactor",
    "wagtailcore_page",
    "wagtailcore_pageviewrestriction",
    "wagtailcore_collection",
    "wagtailcore_collectionviewrestriction",
    "cms_organisationpage",
    "cms_newspage",
    "cms_reportpage",
    "cms_documentpage",
    "cms_customimage",
    "cms_customdocument",
    "cms_attachment",
    "cms_credit",
    "cms_participant",
)
COUNTRIES = {"LV": "Latvia", "HU": "Hungary"}


@dataclass(frozen=True)
class Profile:
    """How a publisher shows itself."""

    name: str
    summary: str
    handle: str
    url: str


@dataclass(frozen=True)
class Truth:
    """``public`` by the page's key, ``profiles`` by the publisher's; ``publishers`` are all that exist, public or
    not."""

    public: dict[str, Shown]
    profiles: dict[str, Profile]
    publishers: frozenset[str]


def look(now: datetime) -> tuple[Truth, Truth]:
    """The truth at ``now``; and what it would be if no time passed, so that only an unpublished page has ended."""
    rows = _read()
    return _Look(rows, now).truth(), _Look(rows, None).truth()


def public_keys(now: datetime) -> set[str]:
    return _Look(_read(), now).public_keys()


class _Look:
    def __init__(self, rows: dict[str, list[dict[str, Any]]], now: datetime | None) -> None:
        self.now, self.rows = now, rows
        self.actors = {row["key"]: row["uri"] for row in rows["federation_localactor"]}
        self.pages = {row["id"]: row for row in rows["wagtailcore_page"]}
        self.by_path = {row["path"]: row for row in self.pages.values()}
        self.locked = {row["page_id"] for row in rows["wagtailcore_pageviewrestriction"]}
        self.organisations = {row["page_ptr_id"]: row for row in rows["cms_organisationpage"]}
        self.content = {row["page_ptr_id"]: (kind, row) for kind in _KINDS for row in rows[f"cms_{kind}"]}
        self.images = {row["id"]: row for row in rows["cms_customimage"]}
        self.documents = {row["id"]: row for row in rows["cms_customdocument"]}
        collections = rows["wagtailcore_collection"]
        locked = {row["collection_id"] for row in rows["wagtailcore_collectionviewrestriction"]}
        walls = [row["path"] for row in collections if row["id"] in locked]
        self.hidden = {row["id"] for row in collections if any(row["path"].startswith(wall) for wall in walls)}

    def public_keys(self) -> set[str]:
        return {f"page:{pk}" for pk in self.content if self._is_public(pk)}

    def truth(self) -> Truth:
        public = {f"page:{pk}": self._shown(pk) for pk in self.content if self._is_public(pk)}
        own = {pk for pk in self.organisations if self.pages[pk]["alias_of_id"] is None}
        profiles: dict[str, Profile] = {}
        for pk in sorted(own):
            if self._is_readable(pk):
                profiles.setdefault(self._key(pk), self._profile(pk))
        return Truth(public, profiles, frozenset(self._key(pk) for pk in own))

    def _above(self, pk: int) -> list[dict[str, Any]]:
        """The page and all above it, from the top."""
        path = self.pages[pk]["path"]
        return [self.by_path[path[:end]] for end in range(_STEP, len(path) + 1, _STEP)]

    def _is_out(self, row: dict[str, Any]) -> bool:
        ends = row["expire_at"]
        return row["live"] and not (self.now and ends and datetime.fromisoformat(ends) <= self.now)

    def _is_readable(self, pk: int) -> bool:
        above = self._above(pk)
        homes = [row for row in above if row["id"] in self.organisations]
        return (
            self._is_out(self.pages[pk])
            and not any(row["id"] in self.locked for row in above)
            and all(self._is_out(row) for row in homes)
        )

    def _is_public(self, pk: int) -> bool:
        row, (_, own) = self.pages[pk], self.content[pk]
        return self._is_readable(pk) and row["alias_of_id"] is None and own["share"] and self._owner(pk) is not None

    def _owner(self, pk: int) -> int | None:
        found = [row["id"] for row in self._above(pk) if row["id"] in self.organisations]
        own = [number for number in found if self.pages[number]["alias_of_id"] is None]
        return found[-1] if own else None

    def _key(self, organisation: int) -> str:
        return f"organisation:{self.pages[organisation]['translation_key']}"

    def _url(self, pk: int) -> str:
        """The front page stands at the root, whatever its own slug is."""
        return f"{HUB}/{self.pages[pk]['url_path'].split('/', 2)[2]}"

    def _profile(self, pk: int) -> Profile:
        own = self.organisations[pk]
        return Profile(self.pages[pk]["title"], own["summary"], own["handle"], self._url(pk))

    def _shown(self, pk: int) -> Shown:
        row, (kind, own) = self.pages[pk], self.content[pk]
        owner = self._owner(pk)
        assert owner is not None
        form = own["form"] or self.organisations[owner]["default_form"]
        key = self._key(owner)
        return Shown(
            publisher=self.actors.get(key, key),
            form={"article": "Article", "note": "Note"}[form],
            title=row["title"],
            summary=own["summary"] if form == "article" else "",
            url=self._url(pk),
            pictures=self._pictures(own["lead_image_id"]),
            files=self._files(pk),
            links=self._links(own["body"]),
            took_part=self._took_part(pk) if kind == "reportpage" else (),
            authors="; ".join(r["name"] for r in self._of_page("cms_credit", pk)),
        )

    def _pictures(self, pk: int | None) -> tuple[tuple[str, str], ...]:
        image = self.images.get(pk) if pk else None
        if image is None or image["collection_id"] in self.hidden:
            return ()
        return ((image["description"], image["credit"]),)

    def _files(self, pk: int) -> tuple[str, ...]:
        found = [self.documents[row["document_id"]] for row in self._of_page("cms_attachment", pk)]
        return tuple(f"{d['title']} {d['file_size']}" for d in found if d["collection_id"] not in self.hidden)

    def _links(self, body: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
        texts = [block["value"] for block in body if block["type"] == "paragraph"]
        found = [(int(number), words) for text in texts for number, words in _LINK.findall(text)]
        return tuple((words, self._url(n) if n in self.pages and self._is_readable(n) else "") for n, words in found)

    def _of_page(self, table: str, pk: int) -> list[dict[str, Any]]:
        found = [row for row in self.rows[table] if row["page_id"] == pk]
        return sorted(found, key=lambda row: (row["sort_order"] or 0, row["id"]))

    def _took_part(self, pk: int) -> tuple[str, ...]:
        names = []
        for row in self._of_page("cms_participant", pk):
            chosen = row["chosen_id"]
            if chosen and self._is_readable(chosen):
                names.append(f"{self.pages[chosen]['title']} ({COUNTRIES[self.organisations[chosen]['country']]})")
        return tuple(names)


def _read() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables that matter, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'(SELECT json_agg(t) FROM {table} t)' for table in _TABLES)}")
        return {table: rows or [] for table, rows in zip(_TABLES, cursor.fetchone(), strict=True)}
