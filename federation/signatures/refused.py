"""Why something that claims to be signed is not believed. All are 401, never 400: peers try their other scheme only
after a 401 (GoToSocial and Fedify were seen to), and the sentence may be shown to anybody because it never quotes the
sender. Raised by this room alone; ``inbox`` turns it into an answer."""

from __future__ import annotations

from federation.errors import NotAuthenticated


class KeyRefused(NotAuthenticated):
    """The key is unreadable, too weak, too costly to use, or of a kind that nobody signs with here."""

    sentence = "The public key cannot be used."


class SignatureRefused(NotAuthenticated):
    """The request's signature is missing, unreadable, stale, covers too little, or is wrong."""


class WrongKey(SignatureRefused):
    """The signature is sound as far as it can be told, but not by this key: the signer may have a new one (SV-08)."""


class ProofRefused(NotAuthenticated):
    """The document's proof is missing, unreadable, expired, or wrong."""

    sentence = "The proof of the document could not be verified."
