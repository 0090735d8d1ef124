"""Suggests a summary: the first sentences of the text as it stands in the editor, saved or not. Called while somebody
writes; it reads what the browser sends and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

SUGGESTION_LENGTH = 300
_MOST_BLOCKS = 1000
# The end of a sentence: a full stop or the like, what closes around it, a space, and something that can begin one. In
# scripts without spaces the sign alone. Not after a single capital letter (an initial), a short number (a day of the
# month in many languages), or one of the usual short forms.
_END = re.compile(
    r"(?<![\s.(]\w)(?<!\b\d)(?<!\b\d\d)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bNo)(?<!\bNr)(?<!\bca)"
    r"(?<!\bbzw)(?<!\betc)(?<!\bvs)(?<!\bProf)(?<!\bSra)"
    r"[.!?…]+[\"'”’»“)\]]*\s+(?=[^\W\d_a-zß-öø-ÿ]|[\d\"'“‘„«¿¡(])|(?<=[。！？।])\s*"
)


@require_POST
def suggest_summary(request: HttpRequest) -> JsonResponse:
    """The form of a page is posted; ``suggestion`` is empty, with the reason in ``message``, if it has no text yet."""
    suggestion = suggest(paragraphs_of(request.POST))
    message = "" if suggestion else _("There is no text yet to take a summary from.")
    return JsonResponse({"suggestion": suggestion, "message": message})


def paragraphs_of(data: Mapping[str, Any]) -> list[str]:
    """The plain paragraphs of the body in a posted form, in the order in which they stand in it. Whatever is odd is no
    paragraph."""
    numbers = range(min(_number(data.get("body-count")), _MOST_BLOCKS))
    kept = [number for number in numbers if not data.get(f"body-{number}-deleted")]
    kept.sort(key=lambda number: _number(data.get(f"body-{number}-order")))
    texts = (data.get(f"body-{number}-value") for number in kept if data.get(f"body-{number}-type") == "paragraph")
    return [" ".join(line.split()) for text in texts for line in _plain_lines(text) if line.strip()]


def suggest(paragraphs: Iterable[str]) -> str:
    """As many whole sentences as fit; at least the beginning of the first."""
    found = ""
    for sentence in (sentence for paragraph in paragraphs for sentence in sentences(paragraph)):
        longer = f"{found} {sentence}".strip()
        if len(longer) > SUGGESTION_LENGTH:
            return found or _shortened(sentence)
        found = longer
    return found


def sentences(text: str) -> list[str]:
    ends = [match.end() for match in _END.finditer(text)]
    pieces = (text[start:end].strip() for start, end in zip([0, *ends], [*ends, len(text)], strict=True))
    return [piece for piece in pieces if piece]


def _shortened(words: str) -> str:
    head = words[: SUGGESTION_LENGTH - 1]
    return f"{head.rpartition(' ')[0] or head}…"


def _plain_lines(value: Any) -> list[str]:
    """Of rich text as the editor's browser sends it: headings, lists and quotations say what they say without context
    badly."""
    try:
        blocks = json.loads(value)["blocks"]
        return [str(block["text"]) for block in blocks if block["type"] == "unstyled"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return []


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
