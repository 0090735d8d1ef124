"""Names that stand on the wire: media types, the public collection, and the ``@context`` of everything we send. Only
constants; whoever builds, parses or negotiates reads them."""

from __future__ import annotations

import re
from typing import Any, Final

PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
# All three are the same collection in JSON-LD; Takahē writes "as:Public". Only the first is ever emitted, since Lemmy
# compares plain strings (JL-02).
PUBLIC_SPELLINGS: Final = frozenset({PUBLIC, "as:Public", "Public"})

ACTIVITY_JSON: Final = "application/activity+json"
LD_JSON_PROFILE: Final = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
ACCEPT_AS2: Final = f"{ACTIVITY_JSON}, {LD_JSON_PROFILE}"
JRD: Final = "application/jrd+json"
XRD: Final = "application/xrd+xml"
NODEINFO_SCHEMA: Final = "http://nodeinfo.diaspora.software/ns/schema/"

# The name in @name@host. Misskey allows a dot and a hyphen, PeerTube a colon as well; nobody allows more.
USER_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,127}")

AS: Final = "https://www.w3.org/ns/activitystreams#"
SECURITY: Final = "https://w3id.org/security#"
LDP: Final = "http://www.w3.org/ns/ldp#"
TOOT: Final = "http://joinmastodon.org/ns#"

AS_CONTEXT: Final = "https://www.w3.org/ns/activitystreams"
SECURITY_CONTEXT: Final = "https://w3id.org/security/v1"
CID_CONTEXT: Final = "https://www.w3.org/ns/cid/v1"

# Every term we emit that the three contexts above do not define. Written out here instead of naming more remote
# contexts, since each of those is one more request, and one more host that may be down, for every peer that expands
# JSON-LD (AC-02). "schema" has Mastodon's spelling with "#", because peers compare the expanded name.
EXTENSIONS: Final[dict[str, Any]] = {
    "Hashtag": "as:Hashtag",
    "sensitive": "as:sensitive",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "toot": TOOT,
    "featured": {"@id": "toot:featured", "@type": "@id"},
    "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "attributionDomains": {"@id": "toot:attributionDomains", "@container": "@set"},
    "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
    "schema": "http://schema.org#",
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    "sc": "http://schema.org/",
    "license": {"@id": "sc:license", "@type": "@id"},
    "creditText": "sc:creditText",
    "pt": "https://joinpeertube.org/ns#",
    "size": {"@id": "pt:size", "@type": "sc:Number"},
    "webfinger": {"@id": "https://purl.archive.org/socialweb/webfinger#webfinger", "@type": "xsd:string"},
    "gts": "https://gotosocial.org/ns#",
    "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
    "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
    "canReply": {"@id": "gts:canReply", "@type": "@id"},
    "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
    # Integrity proofs (FEP-8b32). Without these a peer that reads proofs through JSON-LD, as Fedify does, sees none.
    "DataIntegrityProof": "sec:DataIntegrityProof",
    "proof": {"@id": "sec:proof", "@type": "@id", "@container": "@graph"},
    "cryptosuite": {"@id": "sec:cryptosuite", "@type": "sec:cryptosuiteString"},
    "proofPurpose": {"@id": "sec:proofPurpose", "@type": "@vocab"},
    "proofValue": {"@id": "sec:proofValue", "@type": "sec:multibase"},
}

# The first entry is a literal string inside a list: Mastodon looks for exactly that string, and a proof needs a list.
CONTEXT: Final[list[str | dict[str, Any]]] = [AS_CONTEXT, SECURITY_CONTEXT, CID_CONTEXT, EXTENSIONS]

ACTOR_TYPES: Final = frozenset({"Application", "Group", "Organization", "Person", "Service"})
# LitePub, FEP-044f, FEP-7aa9 and GoToSocial define these; the others are ActivityStreams.
EXTENSION_ACTIVITIES: Final = frozenset(
    ["EmojiReact", "QuoteRequest", "FeatureRequest", "LikeRequest", "ReplyRequest", "AnnounceRequest"]
)
_ANSWERS = [
    "Accept",
    "Reject",
    "TentativeAccept",
    "TentativeReject",
    "Undo",
    "Follow",
    "Invite",
    "Join",
    "Leave",
    "Offer",
]
_CHANGES = ["Create", "Update", "Delete", "Add", "Remove", "Move", "Announce", "Block", "Flag", "Ignore"]
_REACTIONS = ["Like", "Dislike", "View", "Listen", "Read", "Arrive", "Travel", "Question"]
ACTIVITY_TYPES: Final = frozenset([*_ANSWERS, *_CHANGES, *_REACTIONS]) | EXTENSION_ACTIVITIES
