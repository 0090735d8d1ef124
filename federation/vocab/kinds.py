"""Names of the activities that we send, for those who store and send them without reading them."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"
    ANNOUNCE = "Announce"
    FOLLOW = "Follow"
    ACCEPT = "Accept"
    REJECT = "Reject"
    UNDO = "Undo"
