"""What a handler's first part, which may ask other servers, hands to its second, which may write: plain values. Between
the two nothing is locked, so the second part looks again at all that it relies on."""

from __future__ import annotations

from dataclasses import dataclass

from federation.actors.remote import Profile
from federation.errors import BadAnswer, TryLater
from federation.vocab.parse import ParsedObject


@dataclass(frozen=True, slots=True)
class Brought:
    """``said`` is what the activity is about, from whom may be believed. ``profile`` is of somebody who was not known
    here, or whose profile changed."""

    said: ParsedObject | None = None
    profile: Profile | None = None

    def get_said(self) -> ParsedObject:
        """Raises TryLater, for what there was no need to ask for is needed now."""
        if self.said is None:
            raise TryLater("something changed here meanwhile")
        return self.said

    def get_profile(self, uri: str) -> Profile:
        """As :meth:`get_said`. Raises BadAnswer if it is of somebody else: an address may lead to another's profile,
        even on another host, in whose name its owner would then be heard (AU-04: owners are compared exactly)."""
        if self.profile is None:
            raise TryLater("something changed here meanwhile")
        if self.profile.parsed.uri != uri:
            raise BadAnswer(f"{uri[:200]!r} leads to somebody else")
        return self.profile


NOTHING = Brought()
