"""Real documents of every kind of peer, and every one of their members made wrong in every way that we know of. All is
enumerated or drawn from a fixed seed, so each run sees the same bytes."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, NamedTuple

from tests.factories.documents import VECTORS, peer, stored
from tests.factories.inbound import ANA, CONTEXT, HUB, ORG, PUBLIC, note, pem, said
from tests.factories.signed_requests import ed25519_key

PEER = "https://peer.example"
THIRD = "https://third.example"
CARL = f"{THIRD}/users/carl"
BOOSTED = f"{THIRD}/notes/9"
# A string between these two becomes what it says, without quotation marks: what no JSON writer would write.
_RAW = re.compile('"\ue000(.*?)\ue001"', re.DOTALL)
_AGAIN = "\ue002"
Make = Callable[[], bytes]


def raw(text: str) -> str:
    return f"\ue000{text.replace(chr(34), chr(0xE003)).replace(chr(92), chr(0xE004))}\ue001"


def to_body(document: Any) -> bytes:
    text = json.dumps(document, ensure_ascii=False)
    text = _RAW.sub(lambda found: found[1].replace("\ue003", '"').replace("\ue004", "\\"), text)
    return text.replace(_AGAIN, "").encode("utf-8", "surrogatepass")


VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, -0.0, 2**63 - 1, -(2**63), 1e308, 5e-324, [], {}, [[]], [None], [{}], [[[["x"]]]]),
    *("", " ", "x", "\n", "\u202e\u2066evil\u2069", "e" + "\u0301" * 500, "\ufeff", "\x7f\x01", "😀" * 900, "a" * 5000),
    *(
        "https://",
        "https://[",
        "https://[::1]/",
        "https://peer.example:99999/",
        "https://peer.example:x/",
        "//peer.example/",
    ),
    *(
        "javascript:alert(1)",
        "data:text/html,<script>",
        "file:///etc/passwd",
        "acct:a@b@c",
        "did:key:z6Mk",
        "urn:uuid:x",
    ),
    *(
        f"{PEER}/{'ж' * 1200}",
        f"{PEER}/{'a' * 2100}",
        f"{PEER}/%00",
        f"{PEER}/\u202e",
        f"{PEER}/a b",
        "https://peer.exämple/ü",
    ),
    *(
        "https://peer.example@evil.example/",
        "https://xn--a.example/",
        f"https://{'a' * 70}.example/",
        f"{PEER}/\\",
        ANA,
        ORG,
    ),
    *(
        f"{HUB}/",
        f"{HUB}/ap/inbox",
        PUBLIC,
        "as:Public",
        CARL,
        BOOSTED,
        f"{ANA}#main-key",
        "http://peer.example/users/ana",
    ),
    *(
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "-0001-01-01",
        "99999-01-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
    ),
    *("0001-01-01T00:00:00+23:59", "2026-11-21T11:00:00.999999999999Z", "1e400", "NaN", "²", "٣", "1_000", "0x10"),
    *(
        "<script>alert(1)</script>",
        "<p" * 400,
        "&#0;&#xD800;&#x110000;",
        "<a href='javascript:x'>y</a>",
        "<!--" * 300,
        "]]>",
    ),
    *(
        "Create",
        "Note",
        "Person",
        "Tombstone",
        "T" * 3000,
        "zh-Hant-TW",
        "en_GB_long_tag",
        "%s %d {0}",
        "';--",
        "\\u0000",
    ),
    {"id": None},
    {"id": {"id": {"id": "x"}}},
    {"id": ANA, "type": ["Person", 7, None, {}]},
    {"type": "Link", "href": ["https://a.example/", {}]},
    {"@value": {"@value": [None]}},
    {"@list": [{"@list": ["x"]}]},
    {"@set": {}},
    {"@id": ANA, "id": ANA},
    {"@context": None},
    {"@context": {"actor": "as:object"}},
    {"@graph": []},
    {"": "", " ": {}},
    ["x", None, 7, {"id": ANA}, [ANA]],
    ["a", "b"],
    [ANA, ANA],
    [ANA, CARL],
    ["x"] * 3000,
    [{"type": "Image", "url": "x"}] * 200,
    {f"m{number}": number for number in range(500)},
    raw("NaN"),
    raw("-Infinity"),
    raw("1e999"),
    raw("9" * 30),
    raw("-" + "9" * 5000),
    raw("0." + "9" * 5000),
    raw("01"),
    raw("tru"),
    raw('"\\u0000"'),
    raw('"x\\ud83d"'),
    raw('"\\udc00\\ud800"'),
    raw('{"a": 1, "a": 2}'),
    raw('{"id": "x", "id": "y"}'),
    raw("[" * 40 + "]" * 40),
    raw('{"object":' * 30 + "1" + "}" * 30),
    raw("[" * 20 + "]" * 20),
    raw("[" + "0," * 10_500 + "0]"),
    raw('"unfinished'),
    raw("'single'"),
    raw('"a\tb\nc"'),
]


def _adopted(document: Any, actor: str) -> Any:
    """As if Ana had said it: in place of ``actor``, on her host, to our organisation."""
    text = json.dumps(document).replace(json.dumps(actor)[1:-1], ANA)
    origin = re.match(r"https?://[^/]+", actor)
    assert origin
    text = text.replace(origin[0], PEER).replace("https://hub.example/ap/actors/1", ORG)
    return json.loads(text)


def activities() -> dict[str, dict[str, Any]]:
    """One of each kind that we handle, in each shape that was seen; all said by Ana."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((VECTORS / "peers").glob("*.json")):
        document = peer(path.stem)
        document = document[0] if isinstance(document, list) else document
        kind = document.get("type", "Create")
        owner = document.get("actor") or document.get("attributedTo") or document.get("id")
        if kind == "Video":
            owner = "https://peertube.example/accounts/kim"
        if owner is None:
            owner = "https://expanded.example/u/1"
        adopted = _adopted(document, document.get("attributedTo", owner) if kind == "Event" else owner)
        if kind in ("Article", "Event", "Video"):
            adopted = {**adopted, "attributedTo": ANA}
            found[f"{path.stem} update"] = said("Update", adopted, to=[PUBLIC])
            adopted = said("Create", adopted, to=[PUBLIC])
        elif kind == "Person":
            adopted = said("Update", adopted)
        found[path.stem] = adopted
    follow = {"id": f"{HUB}/ap/activities/1", "type": "Follow", "actor": ORG, "object": ANA}
    for kind in ("Accept", "Reject"):
        found[f"{kind} of our follow"] = said(kind, follow)
    for name in ("accept", "delete", "undo_follow", "update", "create"):
        found[f"our own {name}"] = _adopted(stored(name), stored(name)["actor"])
    found["boost"] = said("Announce", BOOSTED, to=[PUBLIC])
    found["undo of a boost"] = said("Undo", said("Announce", BOOSTED), number=2)
    found["undo by name"] = said("Undo", f"{PEER}/activities/9")
    found["delete"] = said("Delete", {"id": f"{PEER}/notes/1", "type": "Tombstone"})
    found["correction"] = said("Update", note(tag=[{"type": "Hashtag", "name": "#x"}], updated="2026-11-21T11:30:00Z"))
    found["only named"] = said("Create", f"{PEER}/notes/2")
    found["unheard of"] = said("Like", f"{HUB}/ap/objects/1")
    return found


def profile(uri: str = ANA) -> dict[str, Any]:
    """An actor's document with every member that we read."""
    return {
        **_adopted(peer("mastodon_person"), peer("mastodon_person")["id"]),
        "id": uri,
        "inbox": f"{uri}/inbox",
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": pem(ed25519_key())},
        "endpoints": {"sharedInbox": f"{'/'.join(uri.split('/')[:3])}/inbox"},
        "webfinger": f"acct:ana@{uri.split('/')[2]}",
        "assertionMethod": [{"id": f"{uri}#e", "type": "Multikey", "controller": uri, "publicKeyMultibase": "z6Mk"}],
    }


class Wrong(NamedTuple):
    """``kind`` of wrongness, ``where`` in the document, and what makes the bytes when they are asked for."""

    kind: str
    where: str
    make: Make


def every_wrong(document: dict[str, Any], seed: str) -> Iterator[Wrong]:
    yield from wrong_forms(document)
    yield from broken_bodies(to_body(document), seed, 100)


def one_of_each(document: dict[str, Any], seed: str, kinds: Collection[str]) -> list[Wrong]:
    """Of each of these kinds of wrongness one, somewhere in the document."""
    found: dict[str, list[Wrong]] = {kind: [] for kind in kinds}
    for wrong in every_wrong(document, seed):
        if wrong.kind in found:
            found[wrong.kind].append(wrong)
    return [random.Random(f"{seed} {kind}").choice(group) for kind, group in found.items()]


def wrong_forms(document: dict[str, Any]) -> Iterator[Wrong]:
    """Each member at every level: with each wrong value, missing, twice, in two spellings, wrapped."""
    for path in _paths(document):
        where = ".".join(map(str, path))
        old = _at(document, path)
        for number, value in enumerate(VALUES):
            yield Wrong(f"value {number}", where, partial(_made, document, path, value))
        yield Wrong("wrapped", where, partial(_made, document, path, [{"@value": old}]))
        yield Wrong("listed", where, partial(_made, document, path, {"@list": [old] * 2}))
        yield Wrong("missing", where, partial(_made_without, document, path))
        if isinstance(path[-1], str):
            last = path[-1]
            others = {
                "again": last + _AGAIN,
                "as:": f"as:{last}",
                "the whole term": f"{CONTEXT}#{last}",
                "@": f"@{last}",
                "upper case": last.upper(),
            }
            for other, name in others.items():
                yield Wrong(f"beside {other}", where, partial(_made, document, (*path[:-1], name), old))


def _made(document: Any, path: tuple[Any, ...], value: Any) -> bytes:
    return to_body(_with(document, path, value))


def _made_without(document: Any, path: tuple[Any, ...]) -> bytes:
    return to_body(_without(document, path))


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        path = (*before, name)
        yield path
        if name != "@context":  # a context's own insides are looked at elsewhere
            yield from _paths(member, path)


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        document = document[name]
    return document


def _with(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = _with(document[path[0]], path[1:], value) if path[1:] else value
    return copy


def _without(document: Any, path: tuple[Any, ...]) -> Any:
    copy: Any = dict(document) if isinstance(document, dict) else list(document)
    if path[1:]:
        copy[path[0]] = _without(document[path[0]], path[1:])
    else:
        del copy[path[0]]
    return copy


def broken_bodies(body: bytes, seed: str, count: int) -> Iterator[Wrong]:
    """The whole of a body damaged, as bytes."""
    whole = {
        "byte order mark": partial(bytes, b"\xef\xbb\xbf" + body),
        "gzip": partial(gzip.compress, body, mtime=0),
        "utf-16": partial(bytes, body.decode().encode("utf-16")),
        "twice": partial(bytes, body * 2),
        "followed": partial(bytes, body + b" x"),
        "in a list": partial(bytes, b"[" + body + b"]"),
        "in a list twice": partial(bytes, b"[" + body + b"," + body + b"]"),
        "padded": partial(bytes, b" " * 300_000 + body),
        "too long": partial(bytes, body + b" " * 1_048_577),
    }
    for kind, make in whole.items():
        yield Wrong(kind, "the whole", make)
    chance = random.Random(seed)
    for number in range(count):
        place = chance.randrange(len(body))
        damage = chance.choice(["cut", "byte", "mark", "turned", "repeated"])
        if damage == "cut":
            made = body[:place]
        elif damage == "byte":
            made = body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :]
        elif damage == "mark":
            mark = chance.choice(
                [b"{", b"}", b"[", b"]", b'"', b",", b":", b"\\", b"\x00", b"\xff", b"\xed\xa0\x80", b"\\u0"]
            )
            made = body[:place] + mark + body[place:]
        elif damage == "turned":
            end = min(len(body), place + chance.randrange(2, 40))
            made = body[:place] + body[place:end][::-1] + body[end:]
        else:
            end = min(len(body), place + chance.randrange(2, 400))
            made = body[:end] + body[place:]
        yield Wrong(damage, str(number), partial(bytes, made))


# The same for every document: each kind occurs in each.
KINDS = list(dict.fromkeys(wrong.kind for wrong in every_wrong({"id": ANA, "type": "Note"}, "kinds")))
