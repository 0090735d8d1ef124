"""What is not right about a signed POST is refused at the door with 401, and no table of the whole database is any
different afterwards: through the real view, with keys that are known here. Both schemes, rule by rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA512
from django.db import connection
from django.test import Client

from federation.models import RemoteKey
from federation.signatures.clock import http_date
from federation.signatures.message import Message
from federation.signatures.proofs import add_proof
from federation.vocab.terms import CID_CONTEXT
from tests.factories.fake_source import installed
from tests.factories.inbound import ANA, BEN, CONTEXT, INBOX, ORG, Web, ana, install_web, pem, remote_actor, said
from tests.factories.signed_requests import (
    CAVAGE_POST,
    KEY_ID,
    NOW,
    RFC9421_POST,
    UNIX_NOW,
    add_label,
    by_hand_cavage,
    by_hand_rfc9421,
    ed25519_key,
    post,
    rsa_key,
    with_headers,
)

pytestmark = pytest.mark.django_db
AS2 = "application/activity+json"
BEN_KEY = f"{BEN}#main-key"
FOLLOW = said("Follow", ORG)
STALE, AHEAD = NOW - timedelta(minutes=65, seconds=1), NOW + timedelta(minutes=60, seconds=1)


@lru_cache
def bens_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def web(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Web:
    """Ana and Ben are known here with their keys, Ben also with one for proofs. Nothing else can be fetched."""
    installed(settings)
    monkeypatch.setattr("federation.views.inbox.timezone.now", lambda: NOW)
    ana()
    ben = remote_actor(BEN, key=bens_key())
    RemoteKey.objects.create(key_id=f"{BEN}#ed25519-key", actor=ben, public=pem(ed25519_key()), fetched_at=NOW)
    return install_web(monkeypatch)


def unsigned(document: dict[str, Any] = FOLLOW, url: str = INBOX) -> Message:
    return post(url, json.dumps(document).encode())


def deliver(message: Message) -> Any:
    """Posts to the shared inbox, whatever address was signed."""
    target = message.url.removeprefix("https://hub.example") if "//hub.example/" in message.url else "/ap/inbox"
    return Client().generic("POST", target, message.body, content_type=AS2, headers=message.headers)


def snapshot() -> dict[str, tuple[int, str]]:
    """Each table of the database, with how many rows it has and a hash of all that stands in them."""
    names = connection.introspection.table_names()
    one = "SELECT '{0}', count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM \"{0}\" t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(one.format(name) for name in names))
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}


def changed_by(message: Message) -> tuple[int, str, set[str]]:
    """The status, the sentence of a refusal, and the tables in which anything changed."""
    before = snapshot()
    response = deliver(message)
    after = snapshot()
    sentence = json.loads(response.content)["title"] if response.content else ""
    return response.status_code, sentence, {name for name in after if after[name] != before[name]}


Sign = Callable[..., Message]


def dated(sign: Sign, moment: Any) -> Message:
    if sign is by_hand_cavage:
        return sign(with_headers(unsigned(), date=http_date(moment)))
    return sign(unsigned(), parameters=f';created={int(moment.timestamp())};keyid="{KEY_ID}"')


def named(sign: Sign, key_id: str, key: Any, document: dict[str, Any] = FOLLOW) -> Message:
    """Signed with this key, under this name."""
    if sign is by_hand_cavage:
        signed = sign(unsigned(document), key=key)
        return with_headers(signed, signature=signed.headers["signature"].replace(KEY_ID, key_id))
    return sign(unsigned(document), key=key, parameters=f';created={UNIX_NOW};keyid="{key_id}"')


def labelled(sign: Sign, algorithm: str) -> Message:
    if sign is by_hand_cavage:
        return sign(unsigned(), algorithm=algorithm)
    return sign(unsigned(), parameters=f';created={UNIX_NOW};keyid="{KEY_ID}";alg="{algorithm}"')


def expired(sign: Sign) -> Message:
    if sign is by_hand_cavage:
        covered = ("(request-target)", "(created)", "(expires)", "host", "digest")
        return sign(unsigned(), covered, algorithm="hs2019", created=UNIX_NOW - 60, expires=UNIX_NOW - 1)
    return sign(unsigned(), parameters=f';created={UNIX_NOW - 60};expires={UNIX_NOW - 1};keyid="{KEY_ID}"')


def without(sign: Sign, covered: tuple[str, ...], *left_out: str) -> Message:
    return sign(unsigned(), tuple(name for name in covered if name not in left_out))


def sent_to(signed: Message, target: str) -> Message:
    return replace(signed, url=f"https://hub.example{target}")


OTHER_BODY = json.dumps(said("Follow", ORG, number=2)).encode()
# By the sentence of the refusal, so that none is refused for another reason than its own.
BOTH: dict[str, dict[str, Callable[[Sign], Message]]] = {
    "The signature is too old.": {
        "too old": lambda sign: dated(sign, STALE),
    },
    "The signature is from the future; please check your clock.": {
        "from the future": lambda sign: dated(sign, AHEAD),
    },
    "The signature has expired.": {
        "expired": expired,
    },
    "The digest does not belong to the body.": {
        "another body": lambda sign: replace(sign(unsigned()), body=OTHER_BODY),
        "a digest that does not count": lambda sign: sign(
            with_headers(
                unsigned(), digest="SHA=2jmj7l5rSw0yVb/vlWAYkK/YBwk=", content_digest="md5=:1B2M2Y8AsgTpgAmY7Ph:"
            )
        ),
        "two digests that differ": lambda sign: sign(
            with_headers(
                unsigned(),
                digest=f"{unsigned().headers['digest']},SHA-512=AAAA",
                content_digest=f"{unsigned().headers['content-digest']}, sha-512=:AAAA:",
            )
        ),
    },
    "The signature covers a header that was not sent.": {
        "no digest header": lambda sign: with_headers(sign(unsigned()), digest=None, content_digest=None),
    },
    "The signature could not be verified.": {
        "the key of another actor": lambda sign: named(sign, BEN_KEY, bens_key()),
        "the actor's key under the name of another's": lambda sign: named(sign, BEN_KEY, rsa_key()),
        "another actor's farewell": lambda sign: named(sign, KEY_ID, rsa_key(), said("Delete", BEN, actor=BEN)),
        "a key on another host": lambda sign: named(sign, "https://other.example/users/ana#main-key", rsa_key()),
    },
    "The signature is wrong.": {
        "another body with its own digest": lambda sign: replace(
            sign(unsigned()),
            body=OTHER_BODY,
            headers=sign(unsigned()).headers
            | {n: post(body=OTHER_BODY).headers[n] for n in ("digest", "content-digest")},
        ),
        "the key of another actor under the actor's name": lambda sign: named(sign, KEY_ID, bens_key()),
        "another host": lambda sign: with_headers(
            sent_to(sign(unsigned(url="https://other.example/ap/inbox")), "/ap/inbox"), host="hub.example"
        ),
        "another port": lambda sign: sent_to(sign(unsigned(url="https://hub.example:8443/ap/inbox")), "/ap/inbox"),
        "another path": lambda sign: sent_to(sign(unsigned(url="https://hub.example/ap/outbox")), "/ap/inbox"),
        "another query": lambda sign: sent_to(sign(unsigned(url="https://hub.example/ap/inbox?a=1")), "/ap/inbox?a=2"),
        "another method": lambda sign: replace(sign(replace(unsigned(), method="PUT")), method="POST"),
        "another date header": lambda sign: with_headers(sign(unsigned()), date=http_date(NOW + timedelta(seconds=1))),
        "another content type": lambda sign: with_headers(sign(unsigned()), content_type="application/ld+json"),
        "SHA-512 labelled as SHA-256": lambda sign: sign(unsigned(), hash_=SHA512()),
    },
    "The signature's algorithm is not supported.": {
        "labelled as HMAC": lambda sign: labelled(sign, "hmac-sha256"),
        "labelled as nothing": lambda sign: labelled(sign, "none"),
    },
    "The signature's algorithm does not belong to the key.": {
        "labelled as Ed25519": lambda sign: labelled(sign, "ed25519"),
    },
    "The request is not signed.": {
        "no signature": lambda sign: with_headers(sign(unsigned()), signature=None),
        "an empty signature": lambda sign: with_headers(sign(unsigned()), signature=""),
    },
}

NO_DATE = ("(request-target)", "host", "digest", "content-type")
FUTURE = ("(request-target)", "host", "(created)", "digest")
PARTS = ("@method", "@authority", "@path", "@query", "content-digest")
cavage, rfc9421 = partial(without, by_hand_cavage, CAVAGE_POST), partial(without, by_hand_rfc9421, RFC9421_POST)
ONE: dict[str, dict[str, Callable[[], Message]]] = {
    "The signature does not cover enough of the request.": {
        **{f"cavage without {name}": partial(cavage, name) for name in ("(request-target)", "host", "date", "digest")},
        **{f"rfc9421 without {name}": partial(rfc9421, name) for name in ("@method", "@target-uri", "content-digest")},
        **{f"rfc9421 in parts without {name}": partial(without, by_hand_rfc9421, PARTS, name) for name in PARTS},
        "cavage, no date at all": lambda: with_headers(by_hand_cavage(unsigned(), NO_DATE), date=None),
        "cavage, a created that is not signed": lambda: with_headers(
            by_hand_cavage(unsigned(), NO_DATE, created=UNIX_NOW), date=None
        ),
        "rfc9421 without created": lambda: by_hand_rfc9421(unsigned(), parameters=f';keyid="{KEY_ID}"'),
    },
    "The signature is from the future; please check your clock.": {
        "cavage, created in the future": lambda: by_hand_cavage(
            unsigned(), FUTURE, algorithm="hs2019", created=int(AHEAD.timestamp())
        ),
    },
    "This algorithm must sign the Date header, not (created) or (expires).": {
        "cavage, created with rsa-sha256": lambda: by_hand_cavage(unsigned(), FUTURE, created=UNIX_NOW),
    },
    "The Date header cannot be read.": {
        "cavage, a date that is none": lambda: by_hand_cavage(with_headers(unsigned(), date="yesterday")),
    },
    "The signature is wrong.": {
        "rfc9421, another scheme": lambda: replace(
            by_hand_rfc9421(replace(unsigned(), url="http://hub.example/ap/inbox")), url=INBOX
        ),
        "rfc9421, created changed afterwards": lambda: _later(by_hand_rfc9421(unsigned())),
    },
    "More than one of the signatures is usable.": {
        "rfc9421, a second signature that could serve": lambda: by_hand_rfc9421(
            by_hand_rfc9421(unsigned()), label="sig2"
        ),
    },
    "Signature and Signature-Input must carry the same labels.": {
        "rfc9421, a signature under another label": lambda: _relabelled(by_hand_rfc9421(unsigned())),
    },
    "The signature headers are malformed.": {
        "rfc9421, a sound cavage signature beside a bad one": lambda: add_label(
            by_hand_cavage(unsigned()), "sig1", f'("@method");created={UNIX_NOW};keyid="{KEY_ID}"', ":AAAA:"
        ),
    },
}


def _relabelled(signed: Message) -> Message:
    return with_headers(signed, signature=signed.headers["signature"].replace("sig1=", "sig2=", 1))


def _later(signed: Message) -> Message:
    changed = signed.headers["signature-input"].replace(str(UNIX_NOW), str(UNIX_NOW + 1))
    return with_headers(signed, signature_input=changed)


def flat(groups: dict[str, dict[str, Any]]) -> list[Any]:
    """Each case with its sentence, for ``parametrize``."""
    return [
        pytest.param(wrong, sentence, id=name) for sentence, cases in groups.items() for name, wrong in cases.items()
    ]


schemes = pytest.mark.parametrize("sign", [by_hand_cavage, by_hand_rfc9421], ids=["cavage", "rfc9421"])


@schemes
def test_the_same_request_with_nothing_wrong_is_stored(sign: Sign) -> None:
    """What the refusals below are measured against. Fails if ``receive`` does not store, or stores anything else."""
    assert changed_by(sign(unsigned())) == (202, "", {"federation_inboundactivity"})


@schemes
@pytest.mark.parametrize(("wrong", "sentence"), flat(BOTH))
def test_what_is_wrong_is_refused_with_nothing_written(
    web: Web, sign: Sign, wrong: Callable[[Sign], Message], sentence: str
) -> None:
    """Fails if ``_check_body`` is left out (digests), ``_owned`` compares hosts only (keys of another actor),
    ``_check_time`` is left out (times), ``verify`` believes the sender's algorithm (labels), or if the activity is
    stored before it is verified."""
    assert changed_by(wrong(sign)) == (401, sentence, set())
    assert web.asked == []


@pytest.mark.parametrize(("wrong", "sentence"), flat(ONE))
def test_what_covers_too_little_is_refused_with_nothing_written(
    web: Web, wrong: Callable[[], Message], sentence: str
) -> None:
    """Fails for each name that ``uncovered`` does not ask for, and if ``read_claim`` takes the first of two labels."""
    assert changed_by(wrong()) == (401, sentence, set())
    assert web.asked == []


# Keys that are not known here: one look at where they should be. That the look was in vain is remembered (SV-08), and
# nothing else.

EVE = "https://peer.example/users/eve"
FROM_EVE = said("Follow", ORG, actor=EVE)


@schemes
@pytest.mark.parametrize(
    "fields",
    [
        {"id": BEN},
        {"id": BEN, "publicKey": {"id": f"{EVE}#main-key", "owner": BEN, "publicKeyPem": pem(bens_key())}},
        {"publicKey": {"id": f"{EVE}#main-key", "owner": BEN, "publicKeyPem": pem(bens_key())}},
        {"publicKey": {"id": f"{EVE}#other", "owner": EVE, "publicKeyPem": pem(bens_key())}},
    ],
    ids=["another actor", "another actor with this key", "a key of another owner", "a key of another name"],
)
def test_a_key_whose_address_says_something_else_is_refused(web: Web, sign: Sign, fields: dict[str, Any]) -> None:
    """Fails if ``_listed`` takes a key that its owner's document does not list."""
    web.add_actor(EVE, key=bens_key(), **fields)
    web.add_actor(BEN, key=bens_key())
    status, _, changed = changed_by(named(sign, f"{EVE}#main-key", bens_key(), FROM_EVE))
    assert status == 401
    assert "federation_keyfailure" in changed
    # What the address says may be kept under its own name, and never the activity.
    assert changed <= {"federation_keyfailure", "federation_remoteactor", "federation_remotekey"}
    assert RemoteKey.objects.get(key_id=BEN_KEY).actor.uri == BEN
    assert not RemoteKey.objects.filter(key_id=f"{EVE}#main-key").exists()


# Proofs without a signature: whoever brings them, they must hold.


def proven(**changes: Any) -> dict[str, Any]:
    """An activity of Ben's with a proof, in which options are changed afterwards, or taken out where None."""
    whole = said("Follow", ORG, actor=BEN) | {"@context": [CONTEXT, CID_CONTEXT]}
    document = add_proof(whole, f"{BEN}#ed25519-key", ed25519_key(), NOW)
    proof = {**document["proof"], **changes}
    return document | {"proof": {name: value for name, value in proof.items() if value is not None}}


PROOFS: dict[str, dict[str, Any]] = {
    "another purpose": proven(proofPurpose="authentication"),
    "no purpose": proven(proofPurpose=None),
    "another suite": proven(cryptosuite="eddsa-rdfc-2022"),
    "another type": proven(type="Ed25519Signature2020"),
    "another time": proven(created="2026-11-21T12:00:01Z"),
    "an expiry that was not signed": proven(expires="2099-01-01T00:00:00Z"),
    "expired": proven(expires="2026-11-21T11:59:59Z"),
    "a domain that was not signed": proven(domain="hub.example"),
    "an option that nobody knows": proven(anything=True),
    "an earlier proof": proven(previousProof="urn:uuid:1"),
    "another context of the proof": proven(**{"@context": [CONTEXT]}),
    "no context of the proof": proven(**{"@context": None}),
    "another context of the document": proven() | {"@context": [CID_CONTEXT, CONTEXT]},
    "fewer contexts of the document": proven() | {"@context": CONTEXT},
    "another key": proven(verificationMethod=f"{ANA}#main-key"),
    "a key for requests": proven(verificationMethod=BEN_KEY),
    "another actor": proven() | {"actor": ANA},
    "another object": proven() | {"object": ANA},
    "no value": proven(proofValue=None),
    "two proofs": proven() | {"proof": [proven()["proof"], proven()["proof"]]},
}


def test_the_proof_with_nothing_wrong_is_stored() -> None:
    """Fails if ``_is_proven`` never finds a proof."""
    assert changed_by(unsigned(proven())) == (202, "", {"federation_inboundactivity"})


@pytest.mark.parametrize("document", PROOFS.values(), ids=PROOFS)
def test_an_altered_proof_is_refused_with_nothing_written(web: Web, document: dict[str, Any]) -> None:
    """Fails if ``verify_proof`` signs only the options that it knows, or does not compare the contexts."""
    assert changed_by(unsigned(document)) == (401, "The request is not signed.", set())
    assert web.asked == []


@schemes
@pytest.mark.parametrize("document", PROOFS.values(), ids=PROOFS)
def test_a_sound_signature_of_somebody_else_does_not_save_an_altered_proof(
    sign: Sign, document: dict[str, Any]
) -> None:
    """A relay signs for itself. Fails if a signature by anybody on the actor's host is enough."""
    who = BEN if document["actor"] == ANA else ANA
    key = bens_key() if who == BEN else rsa_key()
    refused = (401, "The signature could not be verified.", set())
    assert changed_by(named(sign, f"{who}#main-key", key, document)) == refused
