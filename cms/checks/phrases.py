"""Words that say nothing as a link, and words whose meaning depends on the day of reading, by language. A language that
is not listed is not checked."""

from __future__ import annotations

import re

# Compared without case, and without punctuation and arrows around them. “Click here” says nothing however it goes on.
VAGUE: dict[str, re.Pattern[str]] = {
    "en": re.compile(
        r"here|click|(?:read |learn |see |find out )?more|(?:this )?link|this(?: page)?|click here(?:\s.*)?"
    ),
    "de": re.compile(
        r"hier|mehr(?: lesen| erfahren| dazu)?|weiterlesen|(?:diese[rm] )?link|diese seite"
        r"|(?:klicken sie hier|klicke? hier|hier klicken)(?:\s.*)?"
    ),
    "es": re.compile(
        r"aqu[íi]|(?:leer |ver |saber )?más|más información|(?:este )?enlace|esta página"
        r"|(?:(?:haga |haz )?clic|pulse|pulsa) aquí(?:\s.*)?"
    ),
}

_EN_SPAN = (
    r"week(?:end)?|month|quarter|year|term|spring|summer|autumn|fall|winter|night"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|january|february|march|april|june|july|august|september|october|november|december"
)
_DE_SPAN = (
    r"wochen?|wochenendes?|monats?|quartals?|jahre?s?|frühjahrs?|frühlings?|sommers?|herbst(?:e?s)?|winters?"
    r"|montags?|dienstags?|mittwochs?|donnerstags?|freitags?|samstags?|sonnabends?|sonntags?"
    r"|januars?|februars?|märz|aprils?|mai|junis?|julis?|augusts?|septembers?|oktobers?|novembers?|dezembers?"
)
_ES_SPAN = (
    r"semana|mes|trimestre|semestre|año|primavera|verano|otoño|invierno"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_EN_NUMBER = r"\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|a few|several"
_DE_NUMBER = r"\d+|ein(?:em|er|igen)|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|wenigen"
_ES_NUMBER = r"\d+|una?|un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|unos|unas|pocos|pocas"


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)


RELATIVE: dict[str, re.Pattern[str]] = {
    "en": _pattern(
        r"yesterday|today|tonight|tomorrow",
        # “the last year of the programme” is a year like another.
        rf"(?<!\bthe )(?:last|this|next|past|coming) (?:{_EN_SPAN})",
        rf"(?:{_EN_NUMBER}) (?:days?|weeks?|months?|years?) ago",
    ),
    "de": _pattern(
        r"vorgestern|gestern|heute|übermorgen|heuer|(?:dies|letzt|vor|nächst)jährige[nmrs]?",
        r"(?-i:morgen)",  # with a capital it is the morning
        rf"(?:letzte|vergangene|vorige|diese|nächste|kommende)[nmrs]? (?:{_DE_SPAN})",
        rf"(?:vor|in) (?:{_DE_NUMBER}) (?:tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?)",
    ),
    "es": _pattern(
        r"anteayer|ayer|hoy",
        r"(?<!\bla )(?<!\blas )(?<!\buna )mañana",  # with an article it is the morning
        rf"(?:este|esta) (?:{_ES_SPAN})",
        rf"(?:el|la) (?:{_ES_SPAN}) (?:pasad[oa]|próxim[oa]|que viene)",
        rf"(?:el|la) (?:pasad[oa]|próxim[oa]) (?:{_ES_SPAN})",
        rf"hace (?:{_ES_NUMBER}) (?:días?|semanas?|meses|mes|años?)",
    ),
}

# What somebody said is theirs, with the day on which they said it. A mark without its partner ends nothing.
_QUOTED = re.compile(r'„[^“”\n]*[“”]|“[^”\n]*”|«[^»\n]*»|»[^«\n]*«|"[^"\n]*"')
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def is_vague(words: str, language: str) -> bool:
    """Whether these words of a link say nothing of where it leads."""
    pattern = VAGUE.get(language)
    plain = _EDGES.sub("", " ".join(words.split())).casefold()
    return pattern is not None and pattern.fullmatch(plain) is not None


def relative_dates(words: str, language: str) -> list[str]:
    """The words outside of quotations that will mean another day next year, each once, as they are written."""
    pattern = RELATIVE.get(language)
    if pattern is None:
        return []
    text = _QUOTED.sub(" … ", " ".join(words.split(" ")))
    return list({found[0].casefold(): found[0] for found in reversed(list(pattern.finditer(text)))}.values())[::-1]
