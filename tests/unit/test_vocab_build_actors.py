"""Actors' documents, and what serves them: collections, WebFinger, host-meta, NodeInfo."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import jsonschema
import pytest

from federation.contract import Topic
from federation.vocab import collections, discovery
from federation.vocab.build import ActorKind
from tests.factories.documents import make_actor, make_nodeinfo, make_object
from tests.factories.publications import ACTOR, FOLLOWERS, HUB, OBJECT, make_picture

# What NodeInfo 2.1 demands, as far as we can offend against it.
NODEINFO: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "software", "protocols", "services", "openRegistrations", "usage", "metadata"],
    "properties": {
        "version": {"enum": ["2.0", "2.1"]},
        "software": {
            "additionalProperties": False,
            "required": ["name", "version"],
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "version": {"type": "string"},
                "repository": {"type": "string"},
                "homepage": {"type": "string"},
            },
        },
        "protocols": {"type": "array", "minItems": 1, "items": {"enum": ["activitypub"]}},
        "services": {"required": ["inbound", "outbound"]},
        "openRegistrations": {"type": "boolean"},
        "usage": {
            "additionalProperties": False,
            "required": ["users"],
            "properties": {
                "users": {"properties": {"total": {"type": "integer", "minimum": 0}}, "additionalProperties": False},
                "localPosts": {"type": "integer", "minimum": 0},
            },
        },
        "metadata": {"type": "object"},
    },
}


@pytest.mark.parametrize(
    ("kind", "written"),
    [(ActorKind.ORGANISATION, "Organization"), (ActorKind.SITE, "Organization"), (ActorKind.INSTANCE, "Application")],
)
def test_each_kind_of_actor_has_the_type_that_peers_understand(kind: ActorKind, written: str) -> None:
    assert make_actor(kind)["type"] == written


def test_choices_are_told_as_real_booleans() -> None:
    actor = make_actor(manually_approves=True, discoverable=False, indexable=False)
    assert (actor["manuallyApprovesFollowers"], actor["discoverable"], actor["indexable"]) == (True, False, False)


def test_a_long_name_is_cut_to_what_misskey_keeps() -> None:
    assert len(make_actor(name="n" * 200)["name"]) == 128


def test_a_long_profile_becomes_a_shorter_paragraph() -> None:
    summary = make_actor(summary="<p>word <b>bold</b></p>" * 300)["summary"]
    assert len(summary) <= 2048
    assert summary.startswith("<p>word bold word")
    assert summary.endswith("…</p>")


def test_a_profile_is_cleaned() -> None:
    assert make_actor(summary="<p onclick=x>a</p><script>b</script>")["summary"] == "<p>a</p>"


@pytest.mark.parametrize("media_type", ["image/svg+xml", "image/heic", "application/pdf", ""])
def test_an_avatar_that_peers_do_not_load_is_left_out(media_type: str) -> None:
    assert "icon" not in make_actor(avatar=make_picture(media_type=media_type))


def test_without_an_avatar_there_is_none() -> None:
    assert "icon" not in make_actor(avatar=None)


def test_attribution_domains_are_a_short_list() -> None:
    domains = make_actor(attribution_domains=[f"d{number}.example" for number in range(300)])["attributionDomains"]
    assert len(domains) == 100


def test_a_collection_without_first_page_hides_its_members() -> None:
    assert "first" not in collections.build_collection(FOLLOWERS, 3, None)


def test_a_collection_may_be_unordered_and_owned() -> None:
    document = collections.build_collection(FOLLOWERS, 3, f"{FOLLOWERS}?page=1", ordered=False, attributed_to=ACTOR)
    assert (document["type"], document["attributedTo"], document["totalItems"]) == ("Collection", ACTOR, 3)


def test_an_empty_last_page_is_a_list_without_next() -> None:
    page = collections.build_page(f"{FOLLOWERS}?page=2", FOLLOWERS, [], None, f"{FOLLOWERS}?page=1")
    assert page["orderedItems"] == []
    assert page["prev"] == f"{FOLLOWERS}?page=1"
    assert "next" not in page


def test_items_of_a_page_lose_context_and_proof() -> None:
    page = collections.build_page("u", "p", [make_object() | {"proof": {}}], None, None)
    assert not {"@context", "proof"} & page["orderedItems"][0].keys()


def test_pinned_items_are_ids_in_the_given_order() -> None:
    assert collections.build_featured("u", [OBJECT, ACTOR])["orderedItems"] == [OBJECT, ACTOR]


def test_pinned_topics_are_hashtags() -> None:
    tags = collections.build_featured_tags("u", [Topic("water", f"{HUB}/t/")])
    assert tags["items"] == [{"type": "Hashtag", "name": "#Water", "href": f"{HUB}/t/"}]


def test_a_resource_descriptor_has_exactly_one_self_link_of_the_exact_type() -> None:
    document = discovery.build_webfinger("partner", "hub.example", ACTOR, f"{HUB}/partner/", [], None)
    own = [link for link in document["links"] if link["rel"] == "self"]
    assert own == [{"rel": "self", "type": "application/activity+json", "href": ACTOR}]
    assert document["subject"] == "acct:partner@hub.example"


def test_an_alias_is_named_once() -> None:
    document = discovery.build_webfinger(
        "p", "hub.example", ACTOR, f"{HUB}/p/", [ACTOR, f"{HUB}/p/", f"{HUB}/q/"], None
    )
    assert document["aliases"] == [ACTOR, f"{HUB}/p/", f"{HUB}/q/"]


def test_host_meta_points_to_webfinger() -> None:
    root = ElementTree.fromstring(discovery.build_host_meta(HUB))
    link = root[0]
    assert link.tag == "{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link"
    assert (link.get("rel"), link.get("template")) == ("lrdd", f"{HUB}/.well-known/webfinger?resource={{uri}}")


def test_the_index_names_both_versions() -> None:
    links = discovery.build_nodeinfo_index(HUB)["links"]
    assert [link["href"] for link in links] == [f"{HUB}/nodeinfo/2.0", f"{HUB}/nodeinfo/2.1"]
    assert links[1]["rel"] == "http://nodeinfo.diaspora.software/ns/schema/2.1"


def test_the_index_can_name_the_instance_actor() -> None:
    links = discovery.build_nodeinfo_index(HUB, ACTOR)["links"]
    assert links[-1] == {"rel": "https://www.w3.org/ns/activitystreams#Application", "href": ACTOR}


@pytest.mark.parametrize("version", ["2.0", "2.1"])
@pytest.mark.parametrize("count", [None, 0, 41])
def test_a_nodeinfo_document_keeps_to_its_schema(version: str, count: int | None) -> None:
    jsonschema.validate(make_nodeinfo(version, users=count, posts=count), NODEINFO)


def test_version_2_0_knows_no_homepage() -> None:
    assert "homepage" not in make_nodeinfo("2.0")["software"]


def test_hidden_statistics_are_not_told() -> None:
    assert make_nodeinfo("2.1", users=None, posts=None)["usage"] == {"users": {}}


def test_an_unknown_version_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"1\.0"):
        make_nodeinfo("1.0")
