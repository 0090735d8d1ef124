"""Two-factor login: an authenticator app (RFC 6238) and recovery codes, for everybody who wants it and for the groups
that must. One middleware stands in front of the whole admin."""
