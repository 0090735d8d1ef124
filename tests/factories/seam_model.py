"""What ought to be said, by the table of the design, from what was said so far and what is true now."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from federation.models import Activity, Delivery
from tests.factories.seam_truth import Profile, Truth
from tests.factories.timeline import Shown

Said = list[tuple[str, str]]  # kind, and the id of the actor who says it


@dataclass
class Model:
    """``told`` is how each page was last shown to the world, ``profiles`` how each publisher was; ``named`` are all
    ids that ever began."""

    actors: dict[str, str]
    profiles: dict[str, Profile]
    told: dict[str, Shown] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    last: int = 0

    def compare(self, sharp: Truth, blunt: Truth, *, everything: bool) -> None:
        """What was just said must be what the table says. Where only time has passed nobody is woken, so that silence
        is right too if there is nothing to say by ``blunt``, for which no time passes. Unless ``everything`` was looked
        at, silence is always right."""
        spoken = self._listen()
        for key in sorted({*self.told, *sharp.public, *self.profiles, *spoken}):
            said = spoken.get(key, [])
            if said == self._due(key, sharp):
                self._note(key, sharp)
            else:
                may_rest = not everything or not self._due(key, blunt)
                problem = f"{key}: said {said}, due {self._due(key, sharp)}"
                assert not said, problem
                assert may_rest, problem

    def _due(self, key: str, truth: Truth) -> Said:
        return self._profile_due(key, truth) if key in self.profiles else self._page_due(key, truth)

    def _page_due(self, key: str, truth: Truth) -> Said:
        told, now = self.told.get(key), truth.public.get(key)
        if told == now:
            return []
        if told and now and told.publisher == now.publisher:
            return [("Update", now.publisher)]
        leave = [("Delete", told.publisher)] if told else []
        return [*leave, ("Create", now.publisher)] if now else leave

    def _profile_due(self, key: str, truth: Truth) -> Said:
        if key not in truth.publishers:
            return [("Delete", self.actors[key])]
        return (
            [("Update", self.actors[key])] if truth.profiles.get(key, self.profiles[key]) != self.profiles[key] else []
        )

    def _note(self, key: str, truth: Truth) -> None:
        if key in self.profiles:
            if key not in truth.publishers:
                del self.profiles[key]
            elif key in truth.profiles:
                self.profiles[key] = truth.profiles[key]
        elif key in truth.public:
            self.told[key] = truth.public[key]
        else:
            self.told.pop(key, None)

    def _listen(self) -> dict[str, Said]:
        """By key, in the order in which it goes out; every activity has exactly one inbox here."""
        spoken: dict[str, Said] = defaultdict(list)
        rows = Delivery.objects.filter(pk__gt=self.last).select_related("activity__object", "activity__actor")
        for row in rows.order_by("pk"):
            self.last = row.pk
            activity = row.activity
            about = activity.object.key if activity.object else activity.actor.key
            spoken[about].append((activity.kind, activity.actor.uri))
            if activity.kind == "Create":
                assert activity.object is not None
                assert activity.object.uri not in self.named, "an id began twice"
                self.named.add(activity.object.uri)
        assert Activity.objects.count() == Delivery.objects.count(), "everything is said to the one inbox, once"
        return spoken
