"""The only room that opens a connection. Every request that this site makes by itself (documents, keys, WebFinger,
deliveries) goes through :mod:`.client`, and so through one address guard; other rooms import no HTTP or socket library
(a test sees to it), because in every project of this field the hole was the second client that lacked the guard."""
