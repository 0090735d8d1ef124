"""Every kind of page that readers can come to, on a running instance: one of each type, forms, errors, and those on
which a layout breaks. For whoever looks at all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from playwright.sync_api import BrowserContext, Route

from tests.factories.instances import RunningInstance, eventually

TYPES = ["home", "organisation", "section", "news", "report", "document"]
FORMS = ["follow", "reply", "password"]
ERRORS = {"not found": 404, "400": 400, "500": 500, "503": 503}
ODD = ["three words", "thirty words", "long words", "tall picture", "right to left", "empty shelf"]
KINDS = [*TYPES, "profile", "profile of the site", *FORMS, *ERRORS]
HANDLE = "eke"


@dataclass(frozen=True)
class Shown:
    """``paths`` by name; ``numbers`` are the keys of the pages among them."""

    paths: dict[str, str]
    numbers: dict[str, int]


def make_places(instance: RunningInstance) -> Shown:
    """Makes the pages, and waits until those that are shared are out."""
    pages = instance.do("every_type", name="Ēķe Forum", handle=HANDLE) | instance.do("odd_ones")
    paths = {name: urlsplit(page["url"]).path for name, page in pages.items()}
    eventually(lambda: "link" in instance.get(paths["report"], "text/html").headers, what="the report is out")
    instance.do("fill_figures", page=pages["report"]["id"])
    secret = instance.do(
        "draft", parent=pages["organisation"]["id"], title="Secret", kind="news", live=True, share=False
    )
    instance.do("restrict", page=secret["id"])
    paths |= {
        "profile": f"/@{HANDLE}",
        "profile of the site": "/@news",
        "follow": f"/@{HANDLE}/follow",
        "reply": f"/-/respond/{pages['report']['id']}/reply",
        "password": urlsplit(secret["url"]).path,
        "not found": "/nothing/",
        **{name: f"/broken-{name}" for name in ERRORS if name.isdigit()},
    }
    return Shown(paths, {name: page["id"] for name, page in pages.items()})


def show_errors(context: BrowserContext) -> None:
    """At the addresses of the errors, what is shown when one is handled: a running site gives no reason to."""

    def answer(route: Route, *_: Any) -> None:
        name = route.request.url.rpartition("-")[2]
        route.fulfill(status=int(name), content_type="text/html", body=render_to_string(f"{name}.html"))

    context.route("**/broken-*", answer)
