"""The standard scheme: HTTP Message Signatures (RFC 9421). Reads and writes ``Signature-Input`` and ``Signature`` and
builds the signature base; it decides nothing and checks no key. Components with parameters (``;req``, ``;sf``,
``;key``, ``@query-param``) are refused: no peer sends them in requests. Called by ``sign`` and ``verify`` only."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable

from .algorithms import is_known
from .claim import Claim, Scheme, checked_components, checked_header, checked_key_id
from .message import Address, Message
from .refused import SignatureRefused
from .structured import (
    InnerList,
    Item,
    Member,
    StructuredFieldError,
    parse_dictionary,
    serialize_bare,
    serialize_inner_list,
)

LABEL = "sig1"

_DERIVED: dict[str, Callable[[Message, Address], str]] = {
    "@method": lambda message, address: message.method,
    "@target-uri": lambda message, address: address.uri,
    "@authority": lambda message, address: address.authority,
    "@scheme": lambda message, address: address.scheme,
    "@request-target": lambda message, address: address.target,
    "@path": lambda message, address: address.path,
    "@query": lambda message, address: address.query or "?",
}


def signature_base(message: Message, covered: Iterable[str], parameters: str) -> bytes:
    """The text that is signed (RFC 9421 §2.5); ``parameters`` is the value of ``@signature-params``. Raises
    SignatureRefused for a component that is not there, and ValueError for anything that is not ASCII."""
    address = message.address
    lines = [f"{serialize_bare(name)}: {_value(name, message, address)}" for name in covered]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def write_parameters(covered: Iterable[str], created: int, key_id: str, algorithm: str) -> str:
    names = " ".join(serialize_bare(name) for name in covered)
    return f'({names});created={created};keyid={serialize_bare(checked_key_id(key_id))};alg="{algorithm}"'


def write_headers(parameters: str, signature: bytes) -> dict[str, str]:
    """One signature only: Mastodon reads no more (SO-05)."""
    encoded = base64.b64encode(signature).decode()
    return {"Signature-Input": f"{LABEL}={parameters}", "Signature": f"{LABEL}=:{encoded}:"}


def read_claim(message: Message) -> Claim:
    """The one usable signature; raises SignatureRefused. With several labels those that cannot serve are passed over (a
    proxy may add its own), but two that could serve are refused: choosing would let an attacker choose for us."""
    signatures = _dictionary(checked_header(message.headers.get("signature")))
    inputs = _dictionary(checked_header(message.headers.get("signature-input")))
    if not inputs or inputs.keys() != signatures.keys():
        raise SignatureRefused(sentence="Signature and Signature-Input must carry the same labels.")
    if len(inputs) == 1:
        [(label, member)] = inputs.items()
        return _claim(label, member, signatures[label])
    usable = [
        claim for label, member in inputs.items() if (claim := _usable(message, label, member, signatures[label]))
    ]
    if len(usable) != 1:
        few = "None of the signatures is usable." if not usable else "More than one of the signatures is usable."
        raise SignatureRefused(sentence=few)
    return usable[0]


def signature_bases(message: Message, claim: Claim) -> list[bytes]:
    return [signature_base(message, claim.covered, claim.parameters)]


def uncovered(message: Message, claim: Claim) -> str:
    """The first component that a signature must cover (SV-02) and this one does not; empty if it covers enough. Fedify
    lets the sender leave out ``content-digest``, and with it anybody may exchange the body."""
    target = ["@target-uri"] if "@target-uri" in claim.covered else ["@authority", "@path", "@query"]
    required = ["@method", *target] + (["content-digest"] if message.has_content else [])
    missing = [name for name in required if name not in claim.covered]
    return missing[0] if missing else "created" if claim.created is None else ""


def _value(name: str, message: Message, address: Address) -> str:
    if not name.startswith("@"):
        return message.signed_value(name, address)
    if name not in _DERIVED:
        raise SignatureRefused(f"unknown: {name}", sentence="The signature covers something that is not supported.")
    return _DERIVED[name](message, address)


def _dictionary(text: str) -> dict[str, Member]:
    try:
        return parse_dictionary(text)
    except StructuredFieldError as error:
        raise SignatureRefused(str(error), sentence="The signature headers are malformed.") from error


def _usable(message: Message, label: str, member: Member, signature: Member) -> Claim | None:
    try:
        claim = _claim(label, member, signature)
        signature_bases(message, claim)
    except (SignatureRefused, ValueError):
        return None
    return claim if is_known(claim) and not uncovered(message, claim) else None


def _claim(label: str, member: Member, signature: Member) -> Claim:
    if not isinstance(member, InnerList) or not isinstance(signature, Item) or not isinstance(signature.value, bytes):
        raise SignatureRefused(sentence="The signature headers are malformed.")
    algorithm = member.parameters.get("alg", "")
    if not isinstance(algorithm, str):
        raise SignatureRefused(sentence="The signature headers are malformed.")
    return Claim(
        scheme=Scheme.RFC9421,
        key_id=checked_key_id(member.parameters.get("keyid")),
        covered=checked_components([_component(item) for item in member.items]),
        created=_time(member, "created"),
        expires=_time(member, "expires"),
        algorithm=algorithm,
        signature=signature.value,
        label=label,
        parameters=serialize_inner_list(member),
    )


def _component(item: Item) -> str:
    if not isinstance(item.value, str) or item.parameters:
        raise SignatureRefused(sentence="The signature covers something that is not supported.")
    return item.value


def _time(member: InnerList, name: str) -> int | None:
    value = member.parameters.get(name)
    if value is not None and type(value) is not int:  # True is an int to isinstance()
        raise SignatureRefused(sentence="A time in the signature is malformed.")
    return value
