"""Which content each role of the demonstration shows: the hub with all its organisations, and a partner that runs a
site of its own."""

from __future__ import annotations

from datetime import date

from . import belgrade, launch, meeting
from .partners_of_the_hub import PARTNERS
from .shapes import Partner, Script, Story

HUB = Script(
    name="Civic Wire",
    tagline="News, reports and documents from civil society, straight from those who do the work",
    introduction="Twelve organisations publish here. Each can be followed from Mastodon and other apps, and a "
    "correction reaches everybody who got the first version.",
    partners=PARTNERS,
    stories=(*meeting.STORIES, *belgrade.STORIES, *launch.STORIES),
    drawings=(*meeting.DRAWINGS, *belgrade.DRAWINGS, *launch.DRAWINGS),
    papers=belgrade.PAPERS,
)

PARTNER = Script(
    name="Alliance for Europe",
    tagline="A partner with a site of its own",
    introduction="This organisation publishes on its own server and follows the hub from here.",
    partners=(
        Partner(
            key="a4e",
            title="Alliance for Europe",
            handle="alliance4europe",
            short_name="A4E",
            summary="One of two organisations that created the European Hub for Civic Engagement together with Das "
            "Progressive Zentrum.",
            sections=(("news", "News"),),
        ),
    ),
    stories=(
        Story(
            key="a4e_cocreated",
            model="news",
            partner="a4e",
            section="news",
            title="A hub for civic engagement, created together",
            summary="Das Progressive Zentrum began it; Alliance for Europe and Citizens for Europe joined in.",
            published_on=date(2021, 3, 1),
            drawing="crossing",
            body=(
                (
                    "paragraph",
                    "<p>The European Hub for Civic Engagement opened on 1 March 2021. It was started in Berlin in "
                    "2019 and developed with two further organisations and several hundred others who were asked what "
                    "they need.</p>",
                ),
            ),
        ),
        Story(
            key="a4e_follow",
            model="news",
            partner="a4e",
            section="news",
            title="We follow the organisations of the hub from here",
            summary="A partner need not log in anywhere to hear what the others publish.",
            days_ago=1,
            body=(
                (
                    "paragraph",
                    "<p>This site is a server of its own. It follows the organisations of the hub as a reader with "
                    "Mastodon would, and what they publish, correct or withdraw arrives here.</p>",
                ),
            ),
            related=(("a4e_cocreated", "further"),),
        ),
    ),
    drawings=meeting.DRAWINGS[:1],
)

SCRIPTS = {"hub": HUB, "partner": PARTNER}
