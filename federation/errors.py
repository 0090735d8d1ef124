"""Every error that federation raises on purpose. Each knows the HTTP status and the sentence that are safe to show;
details belong in the log or the ledger, never in an answer."""

from __future__ import annotations


class FederationError(Exception):
    """The root. ``status`` is the HTTP status a view answers with; ``sentence`` may be shown to anybody."""

    status = 500
    sentence = "Something went wrong on our side."

    def __init__(self, detail: str = "", *, sentence: str | None = None) -> None:
        super().__init__(detail or sentence or self.sentence)
        self.detail = detail
        if sentence is not None:
            self.sentence = sentence


class BadInput(FederationError):
    """What was sent cannot be read."""

    status = 400
    sentence = "The request could not be read."


class TooLarge(BadInput):
    status = 413
    sentence = "The request is too large."


class WrongMediaType(BadInput):
    status = 415
    sentence = "Send application/activity+json."


class NotAuthenticated(FederationError):
    """Signature missing, wrong, too old or by somebody else. Always 401: peers then try another scheme."""

    status = 401
    sentence = "The signature could not be verified."


class Blocked(FederationError):
    status = 403
    sentence = "This server does not accept messages from yours."


class TryLater(FederationError):
    """Our own trouble, or a key that cannot be fetched right now. Never a 4xx: peers drop what gets a 4xx."""

    status = 503
    sentence = "Try again later."


class NetworkError(FederationError):
    """An outgoing request failed. ``holds`` says whether the whole origin should rest (time-out, TLS, DNS);
    ``temporary`` whether the same request may succeed later; ``unsent`` that not a byte of it went out, as far as that
    is known."""

    status = 502
    sentence = "The other server could not be reached."
    holds = True
    temporary = True
    unsent = False


class TimedOut(NetworkError):
    """No connection, no progress, or no complete answer within the limits."""

    sentence = "The other server did not answer in time."


class DnsFailed(NetworkError):
    """The name has no address, or the resolver did not say."""

    sentence = "The other server's name could not be looked up."


class ConnectFailed(NetworkError):
    """Refused, unreachable, or broken off before an answer."""


class TlsFailed(NetworkError):
    """Certificate wrong, expired or for another name, or no common protocol version."""

    sentence = "The other server's certificate could not be verified."


class Unavailable(NetworkError):
    """The other server answered that it cannot serve now: 429 or 503."""

    sentence = "The other server is busy."


class Refused(NetworkError):
    """Our own guard refused the address: not https, a forbidden port, an address that is not public and the like. Never
    retried, but for :class:`NotPublic`."""

    sentence = "This address is not allowed."
    holds = False
    temporary = False


class NotPublic(Refused):
    """The name leads to no public address, now. A resolver that answers wrongly for an hour (split horizon, a parked
    domain) is like one that does not answer: nothing may be lost by it."""

    sentence = "The other server's name leads to no public address."
    holds = True
    temporary = True


class BadAnswer(NetworkError):
    """The other server answered with something that cannot be used: wrong type, wrong id, a redirect that is not
    followed."""

    sentence = "The other server's answer cannot be used."
    holds = False
    temporary = False


class AnswerTooLarge(BadAnswer):
    sentence = "The other server's answer is too large."


class ServerFailed(BadAnswer):
    """A 5xx other than 503, 408 or 425: that server's trouble, likely to pass."""

    sentence = "The other server reported an error of its own."
    temporary = True


class Missing(BadAnswer):
    """404: not there now. Only :class:`Gone` says that it never returns."""

    sentence = "There is nothing at this address."


class Gone(BadAnswer):
    """410: withdrawn for good."""

    sentence = "This has been withdrawn."


class Unauthorised(BadAnswer):
    """401 or 403 in spite of our signature. Temporary: a peer that cannot fetch our key just now says the same."""

    sentence = "The other server does not give this to us."
    temporary = True


class ConfigurationError(FederationError):
    """A setting is missing or wrong."""
