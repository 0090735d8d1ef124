"""The organisations of the hub: the nine partners of a programme, and three more who publish something here. Names and
countries are facts; founding dates, addresses and job titles are not known and stay empty."""

from __future__ import annotations

from .shapes import Partner

_PROGRAMME = (("Programme", "Digital Activism Program"),)
_SECTIONS = (("news", "News"),)


def _partner(key: str, title: str, country: str, **more: str) -> Partner:
    return Partner(
        key=key,
        title=title,
        handle=more.get("handle", key),
        short_name=more.get("short_name", ""),
        country=country,
        summary=more["summary"],
        fields=_PROGRAMME,
    )


NINE = (
    _partner(
        "bcme",
        "Baltic Centre for Media Excellence",
        "LV",
        short_name="BCME",
        summary="A partner of the Digital Activism Program in Latvia.",
    ),
    _partner(
        "cri",
        "Civic Resilience Initiative",
        "LT",
        short_name="CRI",
        summary="A partner of the Digital Activism Program in Lithuania.",
    ),
    _partner("digivia", "DIGIVIA", "CZ", summary="A partner of the Digital Activism Program in Czechia."),
    _partner("makaia", "MAKAIA", "CO", summary="A partner of the Digital Activism Program in Colombia."),
    _partner(
        "metamorphosis",
        "Metamorphosis Foundation",
        "MK",
        short_name="Metamorphosis",
        summary="A partner of the Digital Activism Program in North Macedonia.",
    ),
    _partner(
        "niok",
        "NIOK Foundation",
        "HU",
        short_name="NIOK",
        summary="A partner of the Digital Activism Program in Hungary.",
    ),
    _partner(
        "phambano",
        "Phambano Technology Development Centre NPC",
        "ZA",
        short_name="Phambano",
        summary="A partner of the Digital Activism Program in South Africa.",
    ),
    _partner(
        "social_techno",
        "Social Techno (TechSoup Italy)",
        "IT",
        short_name="Social Techno",
        summary="A partner of the Digital Activism Program in Italy, also known as TechSoup Italy.",
    ),
    _partner(
        "techsoup_romania",
        "TechSoup Romania",
        "RO",
        summary="A partner of the Digital Activism Program in Romania.",
    ),
)

OTHERS = (
    Partner(
        key="techsoup",
        title="TechSoup",
        handle="techsoup",
        summary="Brings the nine partners of the Digital Activism Program together, and runs AI for Social Change with "
        "support from Google.org.",
        fields=(("Initiative", "AI for Social Change"),),
        sections=(("reports", "Reports"), ("news", "News")),
    ),
    Partner(
        key="dpz",
        title="Das Progressive Zentrum",
        handle="progressives_zentrum",
        short_name="DPZ",
        country="DE",
        kind="think-tank",
        summary="A think tank in Berlin. It initiated the European Hub for Civic Engagement.",
        sections=_SECTIONS,
    ),
    Partner(
        key="bcsdn",
        title="Balkan Civil Society Development Network",
        handle="bcsdn",
        short_name="BCSDN",
        kind="network",
        summary="A network of civil-society organisations in the Balkans. From October 2021 to December 2022 it worked "
        "on better answers of civil society to the pandemic and what came after it.",
        fields=(
            ("Project", "Improved CSO responses to pandemic and post-pandemic challenges in the Western Balkans"),
            ("Supported by", "Balkan Trust for Democracy"),
        ),
        sections=(("reports", "Reports"), ("documents", "Documents")),
    ),
)

PARTNERS = (*NINE, *OTHERS)
REPRESENTATIVES = {
    "bcme": "Agnese Ēķe-Cēsniece",
    "cri": "Urtė Andriukaitytė",
    "digivia": "Radka Bystřická",
    "makaia": "Carlos González",
    "metamorphosis": "Bardhyl Jashari",
    "niok": "Aniko Porkolab",
    "phambano": "Arnold Ndifhedzo Ṋetshambiḓi",
    "social_techno": "Nicole Moglia",
    "techsoup_romania": "Radu Moțoc",
}
