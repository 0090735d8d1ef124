"""Replaces every real name by an invented one, for a demonstration that others can reach: nobody should meet a profile
in the name of an organisation that does not run it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from .shapes import Script

_T = TypeVar("_T")

# Longer names first, because some contain others.
NAMES = {
    "Balkan Civil Society Development Network": "Hill Country Civic Network",
    "Phambano Technology Development Centre NPC": "Makhado Technology Workshop NPC",
    "Baltic Centre for Media Excellence": "Amber Coast Press Centre",
    "Civic Resilience Initiative": "Steady Ground Initiative",
    "Balkan Trust for Democracy": "Trust for Open Valleys",
    "Metamorphosis Foundation": "Chrysalis Foundation",
    "Open Society Foundations in Europe": "Foundation Alder",
    "Das Progressive Zentrum": "Zentrum für Übermorgen",
    "Digital Activism Program": "Loud and Online Programme",
    "European Hub for Civic Engagement": "Continental Commons Platform",
    "Social Techno (TechSoup Italy)": "Tecnica Sociale (ToolShed Italy)",
    "Alliance for Europe": "Union of Small Towns",
    "Citizens for Europe": "Neighbours Without Borders",
    "AI for Social Change": "Machines for Neighbours",
    "German Foreign Office": "Ministry of Bridges",
    "TechSoup Romania": "ToolShed Romania",
    "Stiftung Mercator": "Stiftung Windrose",
    "BMW Foundation": "Foundation Kestrel",
    "NIOK Foundation": "Lantern Foundation",
    "TechSoup Italy": "ToolShed Italy",
    "Social Techno": "Tecnica Sociale",
    "Metamorphosis": "Chrysalis",
    "Google.org": "Foundation Heron",
    "Phambano": "Makhado Workshop",
    "TechSoup": "ToolShed",
    "DIGIVIA": "CESTOVIA",
    "MAKAIA": "QUIMERA",
    "NIOK": "Lantern",
    "BCSDN": "HCCN",
    "BCME": "ACPC",
    "CRI": "SGI",
    "DPZ": "ZfÜ",
    "A4E": "UST",
    "Agnese Ēķe-Cēsniece": "Ilze Ķirse-Bērziņa",
    "Urtė Andriukaitytė": "Rasa Žiemelytė",
    "Radka Bystřická": "Jiřina Křížková",
    "Carlos González": "Andrés Núñez",
    "Bardhyl Jashari": "Ljupčo Ristëski",
    "Aniko Porkolab": "Zsófia Őszi",
    "Arnold Ndifhedzo Ṋetshambiḓi": "Takalani Ṋemuḓivhi",
    "Nicole Moglia": "Chiara Bellò",
    "Radu Moțoc": "Ștefan Țurcanu",
    "Paulina Fröhlich": "Käthe Grünwald",
    "Vincent Venus": "Jonas Mars",
}
HANDLES = {
    "bcme": "amber_press",
    "cri": "steady_ground",
    "digivia": "cestovia",
    "makaia": "quimera",
    "metamorphosis": "chrysalis",
    "niok": "lantern",
    "phambano": "makhado",
    "social_techno": "tecnica_sociale",
    "techsoup_romania": "toolshed_romania",
    "techsoup": "toolshed",
    "dpz": "uebermorgen",
    "bcsdn": "hill_country",
    "a4e": "small_towns",
}


def fictional(script: Script) -> Script:
    """The same script without a real name in it."""
    renamed = _rename(script)
    partners = tuple(replace(partner, handle=HANDLES[partner.key]) for partner in renamed.partners)
    return replace(renamed, partners=partners)


def _rename(value: _T) -> _T:
    """The value with all names replaced in all texts, at any depth. Keys of pieces and dictionaries stay."""
    new: Any = value
    if isinstance(value, str):
        for real, invented in NAMES.items():
            new = new.replace(real, invented)
    elif isinstance(value, tuple | list):
        new = type(value)(_rename(item) for item in value)
    elif isinstance(value, dict):
        new = {key: _rename(item) for key, item in value.items()}
    elif is_dataclass(value):
        new = replace(new, **{field.name: _rename(getattr(new, field.name)) for field in fields(new)})
    renamed: _T = new
    return renamed
