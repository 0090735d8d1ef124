"""Names of languages, by BCP 47 tag. What can be chosen for a document is wider than the languages of the site."""

from __future__ import annotations

import re

from django.conf import settings
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
# Language names that Django's list leaves out although the network publishes in them.
_MORE = {"cnr": gettext_lazy("Montenegrin"), "rom": gettext_lazy("Romani"), "ve": gettext_lazy("Venda")}


def language_choices() -> list[tuple[str, str]]:
    """Everything that Django can name, and a few more; sorted by name."""
    names = {tag: _(info["name"]) for tag, info in LANG_INFO.items() if "name" in info and _TAG.fullmatch(tag)}
    names |= {tag: str(name) for tag, name in _MORE.items()}
    return sorted(names.items(), key=lambda pair: pair[1])


def language_name(tag: str) -> str:
    """The name in the reader's language; the tag itself where nobody knows a name; empty for no tag."""
    if tag in _MORE:
        return str(_MORE[tag])
    configured = dict(settings.LANGUAGES).get(tag)
    info = LANG_INFO.get(tag.lower()) or LANG_INFO.get(tag.split("-")[0], {})
    return str(configured or _(info.get("name", tag))) if tag else ""


def interface_language(code: str) -> str:
    """What the words of the site around a text in this language are in: the same, where the program has words in it,
    else the site's own. So dates and words beside each other are never half in one and half in the other (D6)."""
    first = code.split("-")[0]
    own = settings.LANGUAGE_CODE.split("-")[0]
    if first in settings.INTERFACE_LANGUAGES:
        return code
    return settings.LANGUAGE_CODE if own in settings.INTERFACE_LANGUAGES else "en"


def bcp47(code: str) -> str:
    """Django's spelling of a language as BCP 47 recommends to write it: en-GB, sr-Latn, pt-BR."""
    first, *rest = code.replace("_", "-").split("-")
    parts = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in rest]
    return "-".join([first.lower(), *parts])


def check_tags(text: str) -> None:
    """Refuses anything but comma-separated BCP 47 tags."""
    for tag in split_tags(text):
        if not _TAG.fullmatch(tag):
            raise ValidationError(
                _("“%(tag)s” is not a language tag. Write for example: en, sr-Latn, pt-BR.") % {"tag": tag}
            )


def split_tags(text: str) -> tuple[str, ...]:
    return tuple(tag for part in text.split(",") if (tag := part.strip()))
