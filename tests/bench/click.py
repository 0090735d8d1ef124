"""What the editor waits for who clicks "Publish": the whole request, through Wagtail's own form."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable

from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from cms.models import NewsPage
from tests.factories.cms_people import make_user

from .context import Bench, follow_from_many, forget_sent, news, organisation, settle
from .measure import Figure, Sample, ratios, take_turns
from .place import HOST

FEW = 10
_ROWS = ("attachments", "credits", "related_pages", "corrections", "comments")


def measure(bench: Bench) -> Iterable[Figure]:
    many, clicks = bench.count(100_000, 1000), bench.count(30, 3)
    user = make_user(is_superuser=True, is_staff=True)
    client = Client(headers={"host": HOST, "x-forwarded-proto": "https"})
    client.force_login(user)
    variants = {name: _clicks(bench, client, followers, clicks) for name, followers in (("few", FEW), ("many", many))}
    for variant in variants.values():
        variant()  # templates are compiled, the form is made
    taken = take_turns(variants, bench.rounds)
    user.delete()
    wall = {name: statistics.median(s.wall / s.count for s in samples) * 1000 for name, samples in taken.items()}
    yield Figure(
        "publish-click",
        ratios(taken["many"], taken["few"]),
        f"CPU of {clicks} clicks, database included; an editor waits {wall['few']:.0f} ms with {FEW} followers,"
        f" {wall['many']:.0f} ms with {many:,}",
    )


def _clicks(bench: Bench, client: Client, followers: int, clicks: int) -> Callable[[], Sample]:
    organisation_page, actor = organisation(f"with_{followers}")
    follow_from_many(actor, followers)
    page = news(organisation_page)
    settle()
    forget_sent()

    def measured() -> Sample:
        with bench.meter().running() as meter:
            for _ in range(clicks):
                click(client, page)
            return meter.sample(clicks)

    return measured


def click(client: Client, page: NewsPage) -> None:
    """With another text each time."""
    click.number += 1  # type: ignore[attr-defined]
    data = nested_form_data(
        {
            "title": page.title,
            "slug": page.slug,
            "summary": f"What happened, version {click.number}.",  # type: ignore[attr-defined]
            "published_on": "2026-03-01",
            "place": "",
            "lead_image": "",
            "lead_caption": "",
            "body": streamfield([("paragraph", rich_text(f"<p>Words {n}</p>")) for n in range(12)]),
            "share": "on",
            "form": "",
            "showing": "link",
            "quotes": "anybody",
            "replies": "anybody",
            "audience": "public",
            "action-publish": "1",
            **{name: inline_formset([]) for name in _ROWS},
        }
    )
    response = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    assert response.status_code == 302, response.context["form"].errors


click.number = 0  # type: ignore[attr-defined]
