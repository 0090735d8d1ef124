"""The partners' meeting: its report, what the programme is for, a notice by each partner, and a second report that is
held back so that somebody can watch it being published. The meeting looked back at 2025; its day and place are not
known, so the date says no more than the year."""

from __future__ import annotations

from datetime import date

from .partners_of_the_hub import NINE, REPRESENTATIVES
from .shapes import Day, Drawing, Guest, Story

_GUESTS = tuple(Guest(partner.key, REPRESENTATIVES[partner.key]) for partner in NINE)
_YEAR = {"meeting_kind": "meeting", "start_date": date(2025, 1, 1), "date_precision": "year"}

DRAWINGS = (
    Drawing(
        "crossing",
        "crossing",
        "Lines that meet",
        "Abstract drawing: nine thin lines come from all sides of a pale ground and meet near a red dot.",
    ),
    Drawing(
        "waves",
        "waves",
        "Layers",
        "Abstract drawing: bands in green, ochre and dark blue lie over each other like hills.",
    ),
    Drawing(
        "grid",
        "grid",
        "Grid of circles",
        "Abstract drawing: rows of circles on a dark ground; some are filled, one of them in red.",
    ),
)

_AGENDA = (
    Day(
        "First day: countries, organisations, communities",
        (
            (
                "Civic activism in nine countries",
                "<p>The partners compared how activism fares where societies drift apart. The Balkans were the main "
                "example; other regions added theirs.</p>",
            ),
            (
                "Organisations under pressure",
                "<p>What is hard for the organisations just now, and which methods have helped them so far.</p>",
            ),
            (
                "Communities of practice that last",
                "<p>A joint analysis: what keeps such a community alive, and what engagement and learning from each "
                "other add to a network.</p>",
            ),
        ),
    ),
    Day(
        "Second day: technology, money, next steps",
        (
            (
                "Artificial intelligence in social change",
                "<p>The partners showed what they have tried themselves and went through examples of use.</p>",
            ),
            (
                "AI for Social Change",
                "<p>TechSoup presented its new initiative, which Google.org supports: AI tools in the hands of "
                "activists.</p>",
            ),
            (
                "Development and funding",
                "<p>How the landscape changes, where the gaps are in each region, and what the partnership can offer "
                "that nobody else does.</p>",
            ),
            (
                "Action steps",
                "<p>In a closing session, the talks became directions for the partnership and for the programme.</p>",
            ),
        ),
    ),
)

REPORT = Story(
    key="meeting",
    model="report",
    partner="techsoup",
    section="reports",
    title="Nine partners look back at 2025 and plan what comes next",
    summary="Over two days the partners of the Digital Activism Program compared how activism fares in their "
    "countries, what keeps organisations going, and what artificial intelligence can do for social change.",
    days_ago=1,
    facts=_YEAR,
    drawing="crossing",
    caption="Nine partners, one meeting.",
    body=(
        (
            "paragraph",
            "<p>Nine organisations from Europe, Latin America and Africa are partners in the Digital Activism Program "
            'with <a linktype="page" id="{techsoup}">TechSoup</a>. At their meeting they went through the year 2025: '
            "what was achieved, what went wrong, and what the finished projects teach. The aim was a stronger "
            "partnership.</p>",
        ),
        ("heading", {"text": "What the two days were about", "level": "h2"}),
        (
            "paragraph",
            "<p>On the first day the countries came first, then the organisations, then the communities that they "
            "build. The second day belonged to technology and to money: what AI tools offer to activists, how funding "
            "for civil society develops, and what the partners want to do next.</p>"
            '<p>All partners have a page in the <a linktype="page" id="{home}">directory of organisations</a>. What '
            'holds them together is told in <a linktype="page" id="{programme}">a piece about the programme</a>.</p>',
        ),
        (
            "key_figures",
            [
                {"value": "9", "label": "partner organisations", "source": ""},
                {"value": "9", "label": "countries", "source": ""},
                {"value": "2", "label": "days of talks", "source": ""},
            ],
        ),
        (
            "callout",
            {
                "title": "How the meeting ended",
                "text": "<p>The last session turned the discussions into steps, for the partnership as well as for the "
                "programme.</p>",
            },
        ),
    ),
    agenda=_AGENDA,
    guests=_GUESTS,
    related=(("programme", "further"),),
)

PROGRAMME = Story(
    key="programme",
    model="news",
    partner="techsoup",
    section="news",
    title="Why a programme joins technologists and civil society",
    summary="The partners of the Digital Activism Program describe what makes their partnership special: knowledge of "
    "technology and experience of civil society in one place.",
    days_ago=3,
    drawing="waves",
    body=(
        (
            "paragraph",
            "<p>Some partners know technology well, others know the daily work of civil-society organisations. The "
            "partnership lives from bringing both together, across continents and on the ground of shared values and "
            "trust.</p>",
        ),
        ("heading", {"text": "What it wants to change", "level": "h2"}),
        (
            "paragraph",
            "<p>The partners want a civil society that stays strong where public life has moved online, because "
            "democracy needs one. For that they help organisations to gain:</p>"
            "<ul><li>tools, and the skills to use them well,</li>"
            "<li>effect, at once and in the long run,</li>"
            "<li>strength to last through hard years.</li></ul>"
            "<p>Organisations helping organisations is how they describe the way they work; ethics and fairness are "
            "the measure for every tool.</p>",
        ),
    ),
    related=(("meeting", "further"),),
)

HELD_BACK = Story(
    key="second_day",
    model="report",
    partner="techsoup",
    section="reports",
    title="The second day in detail: AI tools, and where money comes from",
    summary="Partners told each other what they have tried with artificial intelligence, heard of a new initiative, "
    "and took a sober look at how civil society will be paid for.",
    held_back=True,
    facts=_YEAR,
    drawing="grid",
    body=(
        (
            "paragraph",
            "<p>The second day of the partners’ meeting opened with reports from practice. The partners told of their "
            "own experience with artificial intelligence and went through examples of use together.</p>",
        ),
        ("heading", {"text": "A new initiative", "level": "h2"}),
        (
            "paragraph",
            '<p><a linktype="page" id="{techsoup}">TechSoup</a> introduced AI for Social Change. The initiative has '
            "the support of Google.org and looks at what such tools can do for activism and for digital skills.</p>",
        ),
        ("heading", {"text": "The question of money", "level": "h2"}),
        (
            "paragraph",
            "<p>Afterwards the group spoke about development and funding: what makes growth possible now, which needs "
            "remain open in each region, and what only this partnership can answer them with.</p>",
        ),
    ),
    agenda=_AGENDA[1:],
    related=(("meeting", "follows"),),
)


def _notice(number: int, key: str, title: str) -> Story:
    person = REPRESENTATIVES[key]
    return Story(
        key=f"notice_{key}",
        model="news",
        partner=key,
        title=f"{person} represented {title} at the partners’ meeting",
        summary=f"{title} was one of nine organisations that looked back at 2025 and planned the next steps of the "
        "Digital Activism Program.",
        days_ago=4 + number // 3,
        body=(
            (
                "paragraph",
                f"<p>{person} took part in the meeting of all partners of the Digital Activism Program. The "
                '<a linktype="page" id="{meeting}">report of the meeting</a> has the agenda and everybody who was '
                "there.</p>",
            ),
        ),
        related=(("meeting", "further"),),
    )


NOTICES = tuple(
    _notice(number, partner.key, partner.short_name or partner.title) for number, partner in enumerate(NINE)
)
STORIES = (REPORT, PROGRAMME, *NOTICES, HELD_BACK)
