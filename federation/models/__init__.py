"""What federation remembers, in PostgreSQL. No row here has a foreign key to a page: the ledger outlives what it tells
of."""

from .activities import Activity
from .actors import ActorKey, Handle, LocalActor
from .deliveries import Delivery
from .figures import DayFigures, MonthFigures, PageFigures
from .follows import Follower, Following, FollowRequest
from .inbound import InboundActivity, RemoteObject
from .instance import Instance
from .links import ProfileLink
from .objects import LedgerEntry, PublishedObject, Reach
from .peers import KeyFailure, KeyHolder, Peer, RemoteActor, RemoteKey
from .wakes import Wake

__all__ = [
    "Activity",
    "ActorKey",
    "DayFigures",
    "Delivery",
    "FollowRequest",
    "Follower",
    "Following",
    "Handle",
    "InboundActivity",
    "Instance",
    "KeyFailure",
    "KeyHolder",
    "LedgerEntry",
    "LocalActor",
    "MonthFigures",
    "PageFigures",
    "Peer",
    "ProfileLink",
    "PublishedObject",
    "Reach",
    "RemoteActor",
    "RemoteKey",
    "RemoteObject",
    "Wake",
]
