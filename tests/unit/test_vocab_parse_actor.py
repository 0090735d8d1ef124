"""Actors of other servers: what real software sends is read, and what contradicts itself is refused or left out."""

from typing import Any

import pytest

from federation.errors import BadInput
from federation.vocab.parse import parse_actor
from tests.factories.documents import make_actor, peer

ADA = "https://a.example/users/ada"


def actor(**changed: Any) -> dict[str, Any]:
    document = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": ADA,
        "type": "Person",
        "preferredUsername": "ada",
        "inbox": f"{ADA}/inbox",
        "publicKey": {"id": f"{ADA}#main-key", "owner": ADA, "publicKeyPem": "PEM"},
    }
    return {name: value for name, value in (document | changed).items() if value is not ...}


def test_an_actor_of_mastodon_is_read() -> None:
    parsed = parse_actor(peer("mastodon_person"))
    assert parsed.uri == "https://mastodon.example/users/ada"
    assert (parsed.kind, parsed.handle, parsed.name) == ("Person", "ada", "Ada")
    assert parsed.url == "https://mastodon.example/@ada"
    assert parsed.shared_inbox == "https://mastodon.example/inbox"
    assert parsed.featured == "https://mastodon.example/users/ada/collections/featured"
    assert parsed.icon_url == "https://mastodon.example/system/ada.png"
    assert parsed.discoverable
    assert [key.id for key in parsed.public_keys] == ["https://mastodon.example/users/ada#main-key"]
    assert 'rel="tag nofollow noopener ugc"' in parsed.summary_html


def test_an_actor_of_ours_is_read() -> None:
    parsed = parse_actor(make_actor())
    assert (parsed.kind, parsed.handle, parsed.webfinger) == ("Organization", "partner", "partner@hub.example")
    assert [bool(key.pem) for key in parsed.public_keys] == [True, False]
    assert parsed.public_keys[1].multibase == "z6MkweqJajqa5jRAJTBVxxu47oCdB7HzmYbBKN8VGbFJmKkC"


def test_peertube_lists_pictures_and_the_largest_is_taken() -> None:
    assert parse_actor(peer("peertube_person")).icon_url == "https://peertube.example/a/120.jpg"


def test_mitra_gives_the_same_key_in_two_forms() -> None:
    keys = parse_actor(peer("mitra_person")).public_keys
    assert [(key.id.rpartition("#")[2], bool(key.pem), bool(key.multibase)) for key in keys] == [
        ("main-key", True, False),
        ("main-key", False, True),
        ("ed25519-key", False, True),
    ]


@pytest.mark.parametrize(
    ("name", "handle"),
    [("smithereen_person", "g"), ("friendica_person", "jak"), ("misskey_person", "mi"), ("mitra_person", "hong")],
)
def test_actors_of_other_software_are_read(name: str, handle: str) -> None:
    parsed = parse_actor(peer(name))
    assert parsed.handle == handle
    assert parsed.public_keys[0].owner == parsed.uri


@pytest.mark.parametrize("given", ["bob@mastodon.social\u202e", "bob@a.example", "bob\u200b", "b o b", "", "#bob"])
def test_a_name_that_would_look_like_somebody_elses_address_is_not_shown(given: str) -> None:
    assert parse_actor(actor(preferredUsername=given, webfinger=f"{given}@social.example")).handle == ""


def test_other_names_of_an_actor_are_addresses_of_the_web_only() -> None:
    assert parse_actor(peer("mastodon_person")).also_known_as == ("https://old.example/users/ada",)


@pytest.mark.parametrize(
    "given",
    [
        ...,
        None,
        "",
        5,
        ["https://a.example/1"],
        "acct:ada@a.example",
        "urn:x",
        "ada",
        "https://a.example\\.b.example/ada",
        "https://u@a.example/",
    ],
)
def test_an_actor_without_a_single_web_address_as_id_is_refused(given: Any) -> None:
    with pytest.raises(BadInput) as refused:
        parse_actor(actor(id=given))
    assert refused.value.sentence == "The actor has no id."


@pytest.mark.parametrize("given", [..., None, "", 5, [], "mailto:ada@a.example"])
def test_an_actor_without_inbox_is_refused(given: Any) -> None:
    with pytest.raises(BadInput) as refused:
        parse_actor(actor(inbox=given))
    assert refused.value.sentence == "The actor has no inbox."


@pytest.mark.parametrize("given", [..., None, "Note", ["Note"], [], {}])
def test_what_is_no_actor_is_refused(given: Any) -> None:
    with pytest.raises(BadInput, match="no actor"):
        parse_actor(actor(type=given))


@pytest.mark.parametrize(
    "inbox",
    [
        "https://victim.example/inbox",
        "https://a.example.evil.example/inbox",
        "https://nota.example/inbox",
        "https://a.example:8443/inbox",
        "http://a.example/inbox",
    ],
)
def test_an_inbox_on_another_host_is_refused(inbox: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_actor(actor(inbox=inbox))
    assert refused.value.sentence == "The actor's inbox is on another host."


@pytest.mark.parametrize(
    "inbox", ["https://a.example:443/inbox", "https://A.EXAMPLE/inbox", "https://in.a.example/inbox"]
)
def test_an_inbox_on_the_same_site_is_accepted(inbox: str) -> None:
    assert parse_actor(actor(inbox=inbox)).inbox == inbox


def test_a_relative_inbox_is_resolved_against_the_id() -> None:
    assert parse_actor(actor(inbox="ada/inbox")).inbox == f"{ADA}/inbox"


@pytest.mark.parametrize("member", ["outbox", "followers", "featured"])
def test_a_collection_of_another_host_is_left_out(member: str) -> None:
    assert getattr(parse_actor(actor(**{member: "https://victim.example/x"})), member) is None
    assert getattr(parse_actor(actor(**{member: f"{ADA}/x"})), member) == f"{ADA}/x"


def test_a_shared_inbox_of_a_victim_is_left_out() -> None:
    parsed = parse_actor(actor(endpoints={"sharedInbox": "https://victim.example/inbox"}))
    assert parsed.shared_inbox is None


def test_a_profile_page_of_another_host_gives_way_to_the_id() -> None:
    assert parse_actor(actor(url="https://bank.example/")).url == ADA


def test_of_several_pages_the_first_usable_is_taken() -> None:
    parsed = parse_actor(
        actor(url=[{"type": "Link", "href": "ftp://a.example/"}, {"type": "Link", "href": f"{ADA}.html"}])
    )
    assert parsed.url == f"{ADA}.html"


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(
            {"id": f"{ADA}#k", "owner": "https://a.example/users/eve", "publicKeyPem": "P"}, id="another owner"
        ),
        pytest.param({"id": "https://b.example/k", "owner": ADA, "publicKeyPem": "P"}, id="another host"),
        pytest.param({"id": f"{ADA}#k", "owner": ADA}, id="no material"),
        pytest.param({"id": f"{ADA}#k", "owner": ADA, "publicKeyPem": 5}, id="a number"),
        pytest.param({"id": f"{ADA}#k", "owner": ADA, "publicKeyPem": "P" * 20_000}, id="too long"),
        pytest.param({"owner": ADA, "publicKeyPem": "P"}, id="no id"),
        pytest.param(f"{ADA}#k", id="only an address"),
        pytest.param(None, id="nothing"),
    ],
)
def test_an_unusable_key_is_left_out(key: Any) -> None:
    good = {"id": f"{ADA}#main-key", "owner": ADA, "publicKeyPem": "PEM"}
    assert [found.id for found in parse_actor(actor(publicKey=[key, good])).public_keys] == [f"{ADA}#main-key"]


def test_no_more_than_ten_keys_are_kept() -> None:
    keys = [{"id": f"{ADA}#{number}", "owner": ADA, "publicKeyPem": "P"} for number in range(40)]
    assert len(parse_actor(actor(publicKey=keys)).public_keys) == 10


def test_long_values_are_cut() -> None:
    parsed = parse_actor(
        actor(name="n" * 5000, summary="<p>" + "s" * 50_000, alsoKnownAs=[f"{ADA}{n}" for n in range(999)])
    )
    assert len(parsed.name) == 2048
    assert len(parsed.summary_html) == 20_000 - len("<p>") + len("<p></p>")
    assert len(parsed.also_known_as) == 256


def test_a_user_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadInput, match="too long"):
        parse_actor(actor(preferredUsername="u" * 2049))


def test_markup_in_a_name_is_taken_off() -> None:
    assert parse_actor(actor(name="Ada <b>&amp;</b> <script>x</script>co")).name == "Ada & co"


def test_the_webfinger_name_stands_in_for_a_missing_user_name() -> None:
    assert parse_actor(actor(preferredUsername=..., webfinger="ada@a.example")).handle == "ada"


@pytest.mark.parametrize(
    "given", ["ada", "@a.example", "ada@", "a@b@c", "ada @a.example", "a@b/c", 5, None, "a@" + "b" * 3000]
)
def test_a_malformed_webfinger_name_is_left_out(given: Any) -> None:
    assert parse_actor(actor(webfinger=given)).webfinger is None


@pytest.mark.parametrize("given", ["acct:ada@a.example", "@ada@a.example", "ada@a.example"])
def test_a_webfinger_name_is_read_without_decoration(given: str) -> None:
    assert parse_actor(actor(webfinger=given)).webfinger == "ada@a.example"


@pytest.mark.parametrize("given", ["true", 1, None, ...])
def test_only_a_real_boolean_counts(given: Any) -> None:
    parsed = parse_actor(actor(discoverable=given, manuallyApprovesFollowers=given, suspended=given))
    assert (parsed.discoverable, parsed.manually_approves, parsed.suspended) == (False, False, False)


def test_suspension_and_move_are_read() -> None:
    parsed = parse_actor(actor(suspended=True, movedTo="https://new.example/users/ada"))
    assert parsed.suspended
    assert parsed.moved_to == "https://new.example/users/ada"


def test_a_picture_that_is_not_on_the_web_is_left_out() -> None:
    assert parse_actor(actor(icon={"type": "Image", "url": "data:image/png;base64,AA"})).icon_url is None


def test_a_picture_may_be_a_mere_address() -> None:
    assert parse_actor(actor(icon="https://cdn.example/a.png")).icon_url == "https://cdn.example/a.png"


def test_a_poisoned_context_is_refused() -> None:
    with pytest.raises(BadInput):
        parse_actor(actor(**{"@context": {"inbox": "https://evil.example/#inbox"}}))


def test_a_second_spelling_of_the_id_is_refused() -> None:
    with pytest.raises(BadInput, match="two spellings"):
        parse_actor(actor(**{"@id": "https://b.example/users/eve"}))
