"""A site in which every word of every page, picture and document can be told from every other, and an oracle that says
by counting on its fingers which of them anybody may read now. It reads rows and asks none of the code under test."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from cms.models import DocumentPage, HomePage, NewsPage, OrganisationPage, ReportPage, SectionPage
from tests.factories.cms_media import make_document, make_image, png_bytes
from tests.factories.cms_pages import home_page

_numbers = itertools.count(1)
MARKER = re.compile(r"zq[0-9a-f]{6}qz")
PIECES = [NewsPage, ReportPage, DocumentPage]


def word() -> str:
    """Fits into titles, addresses and file names, and stands nowhere else."""
    return f"zq{next(_numbers):06x}qz"


def words(**more: Any) -> dict[str, Any]:
    """New words for everything that a page says of itself."""
    return {"title": f"Title {word()}", "slug": f"slug-{word()}", **more}


def piece_words() -> dict[str, Any]:
    return words(
        summary=f"Summary {word()}",
        place=f"Place {word()}",
        lead_caption=f"Caption {word()}",
        seo_title=f"Window {word()}",
        search_description=f"Search {word()}",
        body=json.dumps([{"type": "paragraph", "value": f"<p>Body {word()}</p>"}]),
    )


def organisation() -> OrganisationPage:
    page = OrganisationPage(**words(summary=f"About {word()}", short_name=f"Short {word()}", country="LV"))
    page.handle = f"partner_{next(_numbers)}"
    return home_page().add_child(instance=page)


def section(parent: Any) -> SectionPage:
    return parent.add_child(instance=SectionPage(**words(introduction=f"Shelf {word()}")))


def piece(parent: Any, kind: int, *, live: bool, share: bool, **fields: Any) -> Any:
    model = PIECES[kind % len(PIECES)]
    when = {"start_date": "2022-05-30"} if model is ReportPage else {}
    page = parent.add_child(instance=model(**piece_words() | when | {"live": live, "share": share} | fields))
    page.credits.create(name=f"Author {word()}")
    return page


def picture(**fields: Any) -> Any:
    name, content = f"{word()}.png", png_bytes()
    return make_image(description=f"Alt {word()}", credit=f"By {word()}", file=ContentFile(content, name), **fields)


def document(**fields: Any) -> Any:
    return make_document(title=f"Paper {word()}", filename=f"{word()}.pdf", description=f"Note {word()}", **fields)


# What may be read, by hand.


def _rows(query: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t) FROM ({query}) t")
        return [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]


class Oracle:
    """The truth at one moment. ``pages`` are rows of Wagtail's own table by id, in which ``said`` holds the words that
    the live row and all that belongs to it say."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.pages = {row["id"]: row for row in _rows("SELECT * FROM wagtailcore_page WHERE depth > 1")}
        self._by_path = {row["path"]: row for row in self.pages.values()}
        self._restricted = {row["page_id"] for row in _rows("SELECT page_id FROM wagtailcore_pageviewrestriction")}
        self._organisations = {row["page_ptr_id"] for row in _rows("SELECT page_ptr_id FROM cms_organisationpage")}
        self._said()

    def above(self, page: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The page itself and what it hangs on, the root left out."""
        for length in range(8, len(page["path"]) + 1, 4):
            yield self._by_path[page["path"][:length]]

    def out(self, page: dict[str, Any]) -> bool:
        end = page["expire_at"]
        return bool(page["live"]) and (end is None or datetime.fromisoformat(end) > self.now)

    def restricted(self, page: dict[str, Any]) -> bool:
        return any(above["id"] in self._restricted for above in self.above(page))

    def served(self, page: dict[str, Any]) -> bool:
        """By Wagtail, to somebody; perhaps only to those who know the password."""
        return self.out(page) and all(self.out(a) for a in self.above(page) if a["id"] in self._organisations)

    def readable(self, page: dict[str, Any]) -> bool:
        return self.served(page) and not self.restricted(page)

    def public(self, page: dict[str, Any]) -> bool:
        owners = [a for a in self.above(page) if a["id"] in self._organisations and a["alias_of_id"] is None]
        return self.readable(page) and bool(page.get("share")) and page["alias_of_id"] is None and bool(owners)

    def allowed(self) -> set[str]:
        """Every word that anybody may read somewhere."""
        shown = [page["said"] for page in self.pages.values() if self.readable(page)]
        return set().union(*shown, *(self._files(table) for table in ("cms_customimage", "cms_customdocument")))

    def objects_out(self) -> set[UUID]:
        """Ids of what was told, still holds, and belongs to a page that is public."""
        told = _rows("SELECT key, current_id FROM federation_ledgerentry WHERE current_id IS NOT NULL")
        keys = {f"page:{page['id']}" for page in self.pages.values() if self.public(page)}
        return {UUID(row["current_id"]) for row in told if row["key"] in keys}

    def private_files(self, table: str) -> list[dict[str, Any]]:
        hidden = [
            row["path"]
            for row in _rows(
                "SELECT path FROM wagtailcore_collection c JOIN wagtailcore_collectionviewrestriction r"
                " ON r.collection_id = c.id"
            )
        ]
        joined = f"SELECT f.*, c.path AS lies_in FROM {table} f JOIN wagtailcore_collection c ON c.id = f.collection_id"
        return [row for row in _rows(joined) if any(row["lies_in"].startswith(path) for path in hidden)]

    def _files(self, table: str) -> set[str]:
        private = {row["id"] for row in self.private_files(table)}
        return markers(row for row in _rows(f"SELECT * FROM {table}") if row["id"] not in private)

    def _said(self) -> None:
        types = [OrganisationPage, SectionPage, HomePage, *PIECES]
        tables = {model._meta.db_table: "page_ptr_id" for model in types}
        tables |= {"cms_credit": "page_id", "cms_participant": "page_id"}
        for page in self.pages.values():
            page["said"] = markers([{name: page[name] for name in page if name != "draft_title"}])
        for table, column in tables.items():
            for row in _rows(f"SELECT * FROM {table}"):
                page = self.pages.get(row[column], {"said": set()})
                page["said"] |= markers([row])
                page["share"] = page.get("share") or row.get("share")


def markers(rows: Iterable[Any]) -> set[str]:
    return set(MARKER.findall(json.dumps(list(rows), default=str)))
