"""What becomes of the rows of somebody elsewhere who is gone, and of what they withdrew. Whether they are gone is for
others to know: ``inbox`` hears it from them, ``outbox`` asks their server."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from federation.models import Follower, Following, FollowRequest, RemoteActor, RemoteKey, RemoteObject


def forget_actor(author: RemoteActor, now: datetime) -> None:
    """What remains is that there was such an id and that it never returns (IN-03: an account's Delete takes its follows
    and posts along). To be called in a transaction."""
    Follower.objects.filter(remote=author).delete()
    FollowRequest.objects.filter(remote=author).delete()
    Following.objects.filter(remote=author).delete()
    RemoteKey.objects.filter(actor=author).delete()
    for row in RemoteObject.objects.select_for_update().filter(actor=author):
        withdraw(row, now)
    author.gone_at = author.gone_at or now
    author.handle = author.name = author.summary = author.url = author.icon_url = ""
    author.save(update_fields=["gone_at", "handle", "name", "summary", "url", "icon_url"])


def end_follows(remotes: QuerySet[RemoteActor]) -> int:
    """For those who are not there, though nobody said that they are gone for good: only their follows of ours end; how
    many. Their profile, their posts here and our follows of them stay: they may return, and a later Follow is taken
    like any other."""
    FollowRequest.objects.filter(remote__in=remotes).delete()
    return Follower.objects.filter(remote__in=remotes).delete()[0]


def withdraw(row: RemoteObject, now: datetime) -> None:
    """The row stays, empty, so that a Create that comes late does not bring the object back."""
    row.title = row.summary = row.content = ""
    row.withdrawn_at = row.withdrawn_at or now
    row.save(update_fields=["title", "summary", "content", "withdrawn_at"])
