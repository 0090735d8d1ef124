"""What is said of a delivery in an editor's words, before the words of a server are. Values in, sentences out."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from federation.contract import Progress, ServerDelivery
from federation.outbox.attempt import OUR_FAULT, OUR_KEY

LONGEST = 300

_STATUSES = {
    400: gettext_lazy("The server says that it cannot read the message."),
    401: gettext_lazy("The server does not believe that the message is ours."),
    403: gettext_lazy("The server does not take messages from us."),
    404: gettext_lazy("The server says that there is no such mailbox."),
    410: gettext_lazy("The server says that the mailbox is gone for good."),
    413: gettext_lazy("The message is too long for the server."),
    422: gettext_lazy("The server does not accept the message."),
    429: gettext_lazy("The server asks us to go slower."),
    503: gettext_lazy("The server is busy or being repaired."),
}


def why(row: ServerDelivery) -> str:
    """Why it has not arrived; empty if it has."""
    if row.progress is Progress.ACCEPTED:
        return ""
    if row.status is not None:
        return str(_STATUSES.get(row.status) or _of_kind(row.status))
    if not row.words:
        return _("It has not been tried yet.")
    if row.progress is Progress.REFUSED:
        return _("Nothing is sent to this address.")
    if row.words in (OUR_KEY, OUR_FAULT):
        return _("Something is wrong on our side.")
    return _("Server not answering, will retry.") if row.progress is Progress.WAITING else _("It did not answer.")


def _of_kind(status: int) -> str:
    if status >= 500:
        return _("The server has a fault of its own.")
    return _("The server did not take the message.")


def shortened(words: str) -> str:
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"


def words_of(stored: str) -> str:
    """Why something did not arrive. Our own sentences are stored in English and shown in the language of the screen, a
    detail behind them as it is; what another server wrote stays its own."""
    first, dot, rest = stored.partition(". ")
    sentence = f"{first}." if dot else stored
    return " ".join(part for part in (_(sentence) if sentence else "", rest) if part)
