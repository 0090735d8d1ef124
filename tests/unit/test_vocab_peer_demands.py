"""What the strictest readers demand of our documents before they take them, each rule under its reader's name."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from federation.vocab.terms import PUBLIC
from tests.factories.documents import built_documents
from tests.factories.publications import ACTOR

BUILT = built_documents()
ACTORS = ["actor_organisation", "actor_site", "actor_instance"]
OBJECTS = ["article", "article_photos", "article_bare", "note", "note_photos"]
ACTIVITIES = ["create", "update", "delete", "follow", "accept", "reject", "undo_follow", "update_actor"]


def host(address: str) -> str:
    return urlsplit(address).netloc


@pytest.mark.parametrize("name", ACTORS)
class TestActors:
    def test_mastodon_finds_inbox_name_and_profile_on_the_same_host(self, name: str) -> None:
        actor = BUILT[name]
        assert actor["type"] in {"Application", "Group", "Organization", "Person", "Service"}
        assert actor["inbox"]
        assert re.fullmatch(r"[a-z0-9_]+([.-]+[a-z0-9_]+)*", actor["preferredUsername"], re.IGNORECASE)
        assert host(actor["url"]) == host(actor["id"])

    def test_mastodon_splits_the_webfinger_name(self, name: str) -> None:
        assert BUILT[name]["webfinger"].split("@") == ["partner", "hub.example"]

    def test_misskey_takes_strings_on_one_host(self, name: str) -> None:
        actor = BUILT[name]
        for member in ("id", "inbox", "outbox", "followers", "following", "featured"):
            assert isinstance(actor[member], str)
            assert host(actor[member]) == host(actor["id"])
        assert host(actor["endpoints"]["sharedInbox"]) == host(actor["id"])
        assert re.fullmatch(r"\w([\w\-.]*\w)?", actor["preferredUsername"], re.ASCII)
        assert isinstance(actor["publicKey"]["id"], str)
        assert host(actor["publicKey"]["id"]) == host(actor["id"])
        assert 0 < len(actor["name"]) <= 128
        assert len(actor["summary"]) <= 2048

    def test_peertube_takes_one_key_object_with_this_header(self, name: str) -> None:
        key = BUILT[name]["publicKey"]
        assert key.keys() == {"id", "owner", "publicKeyPem"}
        assert key["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")
        assert "-----END PUBLIC KEY-----" in key["publicKeyPem"]
        assert re.fullmatch(r"[A-Za-z0-9\-_.:]+", BUILT[name]["preferredUsername"])

    def test_gotosocial_and_mastodon_find_the_key_by_its_id(self, name: str) -> None:
        actor = BUILT[name]
        assert actor["publicKey"]["id"] == f"{actor['id']}#main-key"
        assert actor["publicKey"]["owner"] == actor["id"]

    def test_takahe_looks_for_names_and_addresses(self, name: str) -> None:
        actor = BUILT[name]
        assert {"name", "url", "inbox", "outbox", "followers", "following", "featured", "summary"} <= actor.keys()
        assert isinstance(actor["icon"]["url"], str)

    def test_proof_readers_find_a_multikey_of_the_actor(self, name: str) -> None:
        (method,) = BUILT[name]["assertionMethod"]
        assert method["type"] == "Multikey"
        assert method["controller"] == BUILT[name]["id"]
        assert method["publicKeyMultibase"].startswith("z6Mk")


@pytest.mark.parametrize("name", OBJECTS)
class TestObjects:
    def test_mastodon_takes_the_type_and_the_only_author_of_the_same_host(self, name: str) -> None:
        document = BUILT[name]
        assert document["type"] in {"Note", "Article"}
        assert document["attributedTo"] == ACTOR
        assert host(document["id"]) == host(document["attributedTo"])

    def test_mastodon_reads_visibility_from_lists(self, name: str) -> None:
        assert BUILT[name]["to"] == [PUBLIC]
        assert isinstance(BUILT[name]["cc"], list)

    def test_mastodon_reads_the_language_from_the_first_key(self, name: str) -> None:
        document = BUILT[name]
        if "contentMap" in document:
            assert next(iter(document["contentMap"])) == "en"
            assert document["contentMap"]["en"] == document["content"]

    def test_peertube_takes_recipients_as_a_list_and_a_valid_date(self, name: str) -> None:
        assert isinstance(BUILT[name]["to"], list)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", BUILT[name]["published"])

    def test_misskey_takes_an_https_page(self, name: str) -> None:
        assert BUILT[name]["url"].startswith("https://")

    def test_pixelfed_takes_attachments_as_a_list_with_addresses(self, name: str) -> None:
        for attached in BUILT[name]["attachment"]:
            assert attached.get("url") or attached.get("href")

    def test_lemmy_takes_only_the_full_public_address(self, name: str) -> None:
        assert PUBLIC == "https://www.w3.org/ns/activitystreams#Public"
        assert not {"as:Public", "Public"} & set(BUILT[name]["to"] + BUILT[name]["cc"])


@pytest.mark.parametrize("name", ACTIVITIES)
class TestActivities:
    def test_threads_takes_the_actor_as_a_string(self, name: str) -> None:
        assert BUILT[name]["actor"] == ACTOR

    def test_everybody_takes_an_id_of_the_actors_host(self, name: str) -> None:
        assert host(BUILT[name]["id"]) == host(BUILT[name]["actor"])

    def test_ids_are_short_ascii_and_without_query(self, name: str) -> None:
        for address in (BUILT[name]["id"], BUILT[name]["actor"]):
            assert address.isascii()
            assert len(address) < 512
            assert "?" not in address


def test_mastodon_shows_a_link_for_each_converted_object() -> None:
    article: Any = BUILT["article"]
    assert isinstance(article["url"], str)
    assert article["name"]
    assert article["summary"].startswith("<p>")


def test_takahe_requires_the_exact_type_of_the_self_link() -> None:
    links: Any = BUILT["webfinger"]["links"]
    assert [link["type"] for link in links if link["rel"] == "self"] == ["application/activity+json"]


def test_mastodon_counts_only_what_is_a_number() -> None:
    assert isinstance(BUILT["outbox"]["totalItems"], int)
    assert isinstance(BUILT["followers"]["totalItems"], int)


def test_mastodon_reads_pinned_items_only_as_strings() -> None:
    assert all(isinstance(item, str) for item in BUILT["featured"]["orderedItems"])
