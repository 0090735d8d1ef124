"""The launch of a platform for civil society on 1 March 2021, told as news of that day."""

from __future__ import annotations

from datetime import date

from .shapes import Drawing, Story

DRAWINGS = (
    Drawing(
        "doors",
        "doors",
        "Open doors",
        "Abstract drawing: five tall rectangles in a row, like doors; light falls through one of them.",
    ),
)


def _row(label: str, names: str) -> list[str]:
    return [label, names]


LAUNCH = Story(
    key="launch",
    model="news",
    partner="dpz",
    section="news",
    title="European Hub for Civic Engagement opens for exploration",
    summary="Since 1 March 2021 civil-society organisations can try a platform that was designed with them. It starts "
    "small, asks for feedback, and is to grow in the middle of 2021.",
    published_on=date(2021, 3, 1),
    drawing="doors",
    facts={"place": "Berlin"},
    authors=(
        ("Paulina Fröhlich", "Head of the Programme Future of Democracy", "Das Progressive Zentrum"),
        ("Vincent Venus", "Head of communications", "Das Progressive Zentrum"),
    ),
    body=(
        (
            "paragraph",
            "<p>On European Civil Society Day, 1 March 2021, the European Hub for Civic Engagement lets in its first "
            "users. Individuals and organisations are welcome. The exploration phase offers the basic functions; what "
            "its users say decides about the update that is planned for mid-2021.</p>",
        ),
        (
            "key_figures",
            [
                {"value": "2019", "label": "the year in which development began", "source": ""},
                {"value": "over 700", "label": "civil-society actors from Europe in the community", "source": ""},
            ],
        ),
        ("heading", {"text": "What it is for", "level": "h2"}),
        (
            "paragraph",
            "<p>Since the middle of the 2000s, organisations all over Europe have met with growing resistance; several "
            "governments restrict what they may do and how they are funded. Most have dealt with it alone. The Hub is "
            "to make cooperation easy: it shows peers, funding, events, good practice and news that fit the work of "
            "each user. Four examples of who may need it:</p>"
            "<ul><li>a project manager in search of partners and tools for working together online,</li>"
            "<li>a campaigner who needs a guide to strategy,</li>"
            "<li>a funder who reads reports of experience,</li>"
            "<li>a journalist who checks who is an expert in a field.</li></ul>",
        ),
        ("heading", {"text": "How it came about", "level": "h2"}),
        (
            "paragraph",
            "<p>For two years the team asked what civil society needs: at workshops and "
            "hackathons, in conversations, and online. A platform for cooperation was the answer that it heard.</p>",
        ),
        (
            "table",
            {
                "caption": "Who stands behind the Hub",
                "columns": [{"type": "text", "heading": "Part"}, {"type": "text", "heading": "Who"}],
                "rows": [
                    {"values": _row("Initiated by", "Das Progressive Zentrum, Berlin")},
                    {"values": _row("Created together with", "Alliance for Europe; Citizens for Europe")},
                    {
                        "values": _row(
                            "Supported by",
                            "German Foreign Office; Open Society Foundations in Europe; BMW Foundation; "
                            "Stiftung Mercator",
                        )
                    },
                ],
            },
        ),
    ),
)

STORIES = (LAUNCH,)
