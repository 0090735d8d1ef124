"""Sentences about what will happen elsewhere. Values in, sentences out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from federation.contract import Change, Consequence


@dataclass(frozen=True, slots=True)
class Intent:
    """What the editor wants with the page. ``is_shared``: ticked; ``is_open``: everybody could read it; ``is_long``: it
    goes out with a headline of its own; ``goes_out`` is the date that was chosen, in words; ``undo_seconds`` are those
    in which it can be taken back."""

    is_shared: bool
    is_open: bool = True
    is_website_only: bool = False
    is_long: bool = True
    goes_out: str = ""
    undo_seconds: int = 0


def of_publishing(consequence: Consequence, intent: Intent) -> list[str]:
    """What publishing the page does, the most important first."""
    if consequence.change is Change.NOTHING:
        return [_nothing(consequence, intent)]
    if consequence.change is Change.UPDATE and intent.is_website_only:
        return [_("Only our website changes. Nothing will be sent.")]
    said = _CHANGES[consequence.change](consequence, intent)
    if consequence.waits_for_approval:
        said.append(_("So much was sent within the last hour that it waits for approval first."))
    if intent.goes_out:
        said.append(_("It goes out on %(when)s.") % {"when": intent.goes_out})
    elif intent.undo_seconds:
        seconds = intent.undo_seconds
        text = ngettext("You can undo it for %(count)d second.", "You can undo it for %(count)d seconds.", seconds)
        said.append(text % {"count": seconds})
    return said


def of_removing(posts: int, servers: int | None = None) -> list[str]:
    """What it means that so many posts are taken back. ``servers`` may have them; None if nobody counted. Nothing for
    none."""
    if not posts:
        return []
    said = [
        ngettext(
            "This removes the post from Mastodon and others, with its boosts and replies there.",
            "This removes %(count)d posts from Mastodon and others, with their boosts and replies there.",
            posts,
        )
        % {"count": posts}
    ]
    if servers:
        text = ngettext("It reached %(count)d server.", "It reached %(count)d servers.", servers)
        if posts > 1:
            text = ngettext("They reached %(count)d server.", "They reached %(count)d servers.", servers)
        said.append(text % {"count": servers})
    said.append(_("Comments stay here. Some copies may remain there."))
    said.append(ngettext("Sharing it again makes a new post.", "Sharing them again makes new posts.", posts))
    return said


def audience(consequence: Consequence) -> str:
    """“412 followers on 97 servers”."""
    followers = ngettext("%(count)d follower", "%(count)d followers", consequence.followers)
    servers = ngettext("%(count)d server", "%(count)d servers", consequence.servers)
    return _("%(followers)s on %(servers)s") % {
        "followers": followers % {"count": consequence.followers},
        "servers": servers % {"count": consequence.servers},
    }


def _nothing(consequence: Consequence, intent: Intent) -> str:
    if not intent.is_shared:
        return _("The page is not shared. Nothing will be sent.")
    if not intent.is_open:
        return _("Not everybody may read the page. Nothing will be sent.")
    return _("The post looks the same as before. Nothing will be sent.")


def _create(consequence: Consequence, intent: Intent) -> list[str]:
    said = [_gets_a_post(consequence)]
    if not consequence.never_shared:
        said.append(_("It is a new post: the earlier one does not come back."))
    return said


def _gets_a_post(consequence: Consequence) -> str:
    if not consequence.followers:
        return _("Nobody follows yet. Whoever looks for the page on Mastodon and others finds it.")
    text = ngettext("%(audience)s gets a post.", "%(audience)s get a post.", consequence.followers)
    return text % {"audience": audience(consequence)}


def _update(consequence: Consequence, intent: Intent) -> list[str]:
    if consequence.followers:
        text = ngettext("%(audience)s gets an update.", "%(audience)s get an update.", consequence.followers)
        said = [text % {"audience": audience(consequence)}]
    elif consequence.reached:
        text = ngettext(
            "%(count)d server that has the post gets an update.",
            "%(count)d servers that have the post get an update.",
            consequence.reached,
        )
        said = [text % {"count": consequence.reached}]
    else:
        return [_("Nobody has the post yet. Whoever looks for it gets the new one.")]
    if intent.is_long:
        said.append(_("Servers with a Mastodon older than 4.5 do not show changes of long pieces."))
    return said


def _withdraw(consequence: Consequence, intent: Intent) -> list[str]:
    return of_removing(1, consequence.reached)


def _replace(consequence: Consequence, intent: Intent) -> list[str]:
    return [*of_removing(1, consequence.reached)[:-1], _another_publishes(consequence)]


def _another_publishes(consequence: Consequence) -> str:
    return _("Another organisation publishes it now, as a new post.") + " " + _gets_a_post(consequence)


_CHANGES: dict[Change, Callable[[Consequence, Intent], list[str]]] = {
    Change.CREATE: _create,
    Change.UPDATE: _update,
    Change.WITHDRAW: _withdraw,
    Change.REPLACE: _replace,
}
