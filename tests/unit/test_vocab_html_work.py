"""Time that cleaning takes: the largest text that a stranger may send, in the forms that parsers like least (HT-06)."""

import time

import pytest

from federation.vocab.html import MAX_HTML, clean_inbound, plain_text

# Each of these took many seconds, or would have, in one of the parsers that stand behind or before this one.
WORST = {
    "ampersands": "&",
    "brackets": "<",
    "unfinished tags": "<a ",
    "unfinished comments": "<!--",
    "unfinished sections": "<![CDATA[",
    "unfinished ends": "</",
    "open quotes": '<a b="',
    "attributes": None,
    "deep elements": "<b>",
    "crossed elements": "<b><i></b></i>",
    "paragraphs": "<p>",
    "list items": "<ul><li>",
    "scripts in scripts": "<script></",
    "drawings": "<svg>",
    "entities": "&amp",
    "escaped signs": "a &amp; b ",
    "line breaks": "<br>",
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst_text_of_full_length_is_cleaned_in_seconds(name: str) -> None:
    part = WORST[name]
    html = "<p " + " ".join(f"a{n}" for n in range(40_000)) if part is None else part * (MAX_HTML // len(part))
    started = time.process_time()
    clean_inbound(html[:MAX_HTML])
    plain_text(html[:MAX_HTML])
    assert time.process_time() - started < 10
