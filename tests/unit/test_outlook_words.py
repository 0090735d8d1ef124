"""What is said about what will happen elsewhere: the right numbers in the right plural, and nothing that is not so."""

from __future__ import annotations

import pytest

from cms.outlook.words import Intent, of_publishing, of_removing
from federation.contract import Change, Consequence

SHARED = Intent(is_shared=True)
MANY = {"followers": 412, "servers": 97, "reached": 98}


def _said(change: Change, intent: Intent = SHARED, **numbers: object) -> str:
    return " ".join(of_publishing(Consequence(change, **MANY | numbers), intent))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("followers", "servers", "words"),
    [
        (412, 97, "412 followers on 97 servers get a post."),
        (2, 1, "2 followers on 1 server get a post."),
        (1, 1, "1 follower on 1 server gets a post."),
        (0, 0, "Nobody follows yet."),
    ],
)
def test_a_new_page_becomes_a_post(followers: int, servers: int, words: str) -> None:
    assert words in _said(Change.CREATE, followers=followers, servers=servers)


def test_a_page_that_was_taken_back_becomes_a_new_post() -> None:
    assert "new post" in _said(Change.CREATE, never_shared=False)
    assert "new post" not in _said(Change.CREATE, never_shared=True)


def test_a_change_is_an_update_that_old_servers_miss() -> None:
    said = _said(Change.UPDATE)
    assert "412 followers on 97 servers get an update." in said
    assert "older than 4.5" in said
    assert "older than 4.5" not in _said(Change.UPDATE, Intent(is_shared=True, is_long=False))


@pytest.mark.parametrize(
    ("reached", "words"), [(1, "1 server that has the post gets"), (3, "3 servers that have the post get")]
)
def test_a_change_reaches_servers_where_nobody_follows_any_more(reached: int, words: str) -> None:
    assert words in _said(Change.UPDATE, followers=0, servers=0, reached=reached)


def test_a_change_of_what_nobody_has_is_told_to_nobody() -> None:
    said = _said(Change.UPDATE, followers=0, servers=0, reached=0)
    assert said == "Nobody has the post yet. Whoever looks for it gets the new one."


def test_a_change_for_the_website_only_sends_nothing() -> None:
    said = _said(Change.UPDATE, Intent(is_shared=True, is_website_only=True))
    assert said == "Only our website changes. Nothing will be sent."


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        (SHARED, "looks the same"),
        (Intent(is_shared=False), "is not shared"),
        (Intent(is_shared=True, is_open=False), "Not everybody may read"),
    ],
)
def test_nothing_is_sent_for_a_reason(intent: Intent, words: str) -> None:
    said = _said(Change.NOTHING, intent)
    assert (words in said, "Nothing will be sent." in said, "undo" in said) == (True, True, False)


def test_not_to_share_it_any_more_says_all_that_it_means() -> None:
    said = _said(Change.WITHDRAW, Intent(is_shared=False))
    for words in ("boosts and replies there", "98 servers", "Comments stay here", "copies may remain", "new post"):
        assert words in said


def test_another_organisation_makes_a_new_post() -> None:
    said = _said(Change.REPLACE)
    assert ("removes the post" in said, "Another organisation" in said, "412 followers" in said) == (True, True, True)


def test_it_says_when_it_goes_out_and_whether_it_can_be_undone() -> None:
    later = _said(Change.CREATE, Intent(is_shared=True, goes_out="5 March 2026", undo_seconds=60))
    assert ("goes out on 5 March 2026" in later, "undo" in later) == (True, False)
    assert "undo it for 60 seconds" in _said(Change.CREATE, Intent(is_shared=True, undo_seconds=60))
    assert "undo it for 1 second." in _said(Change.CREATE, Intent(is_shared=True, undo_seconds=1))


def test_it_says_that_it_waits_for_a_person() -> None:
    assert "waits for approval" in _said(Change.CREATE, waits_for_approval=True)
    assert "waits for approval" not in _said(Change.CREATE)


@pytest.mark.parametrize(
    ("posts", "words"),
    [(0, ""), (1, "removes the post"), (12, "removes 12 posts from Mastodon and others, with their boosts")],
)
def test_removing_counts_posts(posts: int, words: str) -> None:
    assert words in " ".join(of_removing(posts))
    assert bool(of_removing(posts)) is bool(posts)
