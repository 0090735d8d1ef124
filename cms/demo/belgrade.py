"""A workshop in Belgrade, its document, and a number that two sources tell differently: the page about the event says
more than 40 participants, the page of the document more than 50. The report states the number once and says openly
what was corrected. The document is a placeholder of our own, not the real file."""

from __future__ import annotations

from datetime import date

from .shapes import Drawing, Guest, Paper, Story

DRAWINGS = (
    Drawing(
        "bridge",
        "bridge",
        "Arches",
        "Abstract drawing: a row of dark arches stands over horizontal blue lines, under a red dot.",
    ),
)

PAPERS = (
    Paper(
        key="summary",
        filename="joint-action-belgrade-2022.pdf",
        title="Joint Action for Civic Space: what was said in Belgrade",
        kind="summary",
        description="A placeholder with three pages, made for this demonstration.",
        pages=(
            (
                "Joint Action for Civic Space",
                "What was said in Belgrade, 30-31 May 2022",
                "This file is a placeholder. It was made for a demonstration and is not the",
                "document that the Balkan Civil Society Development Network published.",
            ),
            (
                "Why the workshop took place",
                "The pandemic weakened democracy in the region further. Organisations of",
                "civil society looked for new ways to speak up: at home, in the region and",
                "towards the European Union, and more often together.",
            ),
            (
                "How it was done",
                "The workshop met in Belgrade and online, and parts were streamed live.",
                "Version 2: the number of participants is now given by the report alone.",
            ),
        ),
    ),
)

REPORT = Story(
    key="workshop",
    model="report",
    partner="bcsdn",
    section="reports",
    title="Joint action for civic space: a workshop in Belgrade and online",
    summary="Civil-society organisations, donors and journalists from the region and beyond discussed how to speak up "
    "together after the pandemic. The talks of public interest were streamed live.",
    days_ago=2,
    drawing="bridge",
    facts={
        "place": "Belgrade",
        "meeting_kind": "workshop",
        "attendance": "hybrid",
        "start_date": date(2022, 5, 30),
        "end_date": date(2022, 5, 31),
        "participants": 40,
        "participants_precision": "more",
    },
    body=(
        (
            "paragraph",
            "<p>The workshop belonged to a project of the "
            '<a linktype="page" id="{bcsdn}">Balkan Civil Society Development Network</a> that ran from October 2021 '
            "to December 2022 with support of the Balkan Trust for Democracy. Its concern: how organisations in the "
            "Western Balkans withstand the pandemic and what follows from it, and how they work together across "
            "borders.</p>",
        ),
        ("heading", {"text": "Why now", "level": "h2"}),
        (
            "paragraph",
            "<p>The pandemic made a weak democracy weaker. The European Union has less weight when it asks for reform, "
            "and governments in the region resist pressure more easily. That leaves a larger part to civil society, "
            "which has to find other forms of advocacy for a world with fewer means.</p>",
        ),
        ("heading", {"text": "What organisations can do", "level": "h2"}),
        (
            "paragraph",
            "<ul><li>Rest their work on the support of citizens, and mobilise it.</li>"
            "<li>Gather evidence, and learn to argue with it.</li>"
            "<li>Form coalitions for goals that they share.</li>"
            "<li>Use international forums to hold governments to account.</li></ul>",
        ),
        (
            "callout",
            {
                "title": "Open to everybody",
                "text": "<p>The organisers found that such talks are worth more when they are public. So people could "
                "take part in the room or from elsewhere, and parts were streamed in social media.</p>",
            },
        ),
    ),
    guests=(Guest("bcsdn", "", "Organiser"),),
    papers=("summary",),
    related=(("workshop_document", "further"),),
    corrections=(
        (
            1,
            "An earlier version said that more than 50 people took part. The organiser’s page about the event says "
            "more than 40. Until the organiser settles it, this report gives the lower number.",
        ),
    ),
)

DOCUMENT = Story(
    key="workshop_document",
    model="document",
    partner="bcsdn",
    section="documents",
    title="Joint Action for Civic Space: what was said in Belgrade",
    summary="A summary of the discussions in Belgrade, with the ideas and references that came out of them. This copy "
    "is a placeholder.",
    days_ago=2,
    facts={
        "document_kind": "summary",
        "licence": "CC-BY-4.0",
        "edition": "Version 2: number of participants clarified",
    },
    body=(
        (
            "paragraph",
            "<p>The document gathers what was done in the project and what was discussed at "
            '<a linktype="page" id="{workshop}">the workshop in Belgrade</a>, so that others can use it.</p>',
        ),
    ),
    papers=("summary",),
    related=(("workshop", "document-of"),),
    corrections=((1, "The first version gave a number of participants that the event’s own page does not confirm."),),
)

STORIES = (REPORT, DOCUMENT)
