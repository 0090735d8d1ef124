"""What a reader is told when they cannot be sent on: one sentence, and the status that says the same to machines."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from federation.contract import Trouble, Way


class Refusal(NamedTuple):
    """``sentence`` is text, or a promise of text in the reader's language."""

    status: int
    sentence: Any


STALE = Refusal(403, _("This form had been open for too long. Please press the button once more."))
FOREIGN = Refusal(403, _("This form was sent from another site. Please use the one on this page."))
_SENTENCES = {
    Trouble.NOT_AN_ADDRESS: Refusal(
        400,
        _(
            "This is not the address of a server. Write it like mastodon.example, or write your full address, like"
            " @you@mastodon.example."
        ),
    ),
    Trouble.OURS: Refusal(400, _("This is the address of this site. Write the server on which you have an account.")),
    Trouble.BLOCKED: Refusal(403, _("This site does not exchange messages with %(server)s.")),
    Trouble.NOBODY: Refusal(400, _("%(server)s knows no account of that name. Is it spelled correctly?")),
    Trouble.NO_SERVER: Refusal(
        400, _("%(server)s is not a server of the fediverse, as far as we can see. Is it spelled correctly?")
    ),
    Trouble.NO_ANSWER: Refusal(
        502, _("%(server)s does not answer. Is it spelled correctly? If it is, please try again later.")
    ),
    Trouble.TOO_MANY: Refusal(
        429, _("Too many have asked in the last minutes. Please try again later, or search for the name in your app.")
    ),
    Trouble.BUSY: Refusal(503, _("Others are just being sent on. Please press the button again in a moment.")),
}
PAUSE = {429: 600, 503: 5}  # seconds after which it is worth trying again


def refusal_of(way: Way) -> Refusal:
    """For a way that could not be found, unless what it led to is gone."""
    assert way.trouble is not None
    status, sentence = _SENTENCES[way.trouble]
    return Refusal(status, str(sentence) % {"server": way.server})
