"""Signatures of requests (cavage-12, RFC 9421) and of documents (FEP-8b32), made and checked. Pure: it takes values and
returns values, and must never fetch a key, read a clock, or know Django. ``net`` and ``outbox`` sign with it, ``inbox``
verifies with it, ``actors`` keeps its keys."""
