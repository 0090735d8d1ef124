"""A ledger as the first release left it: twenty thousand followers on eight hundred servers, with all that was told to
them. Written in SQL for the tables of that release, which never change any more, so later models play no part in it."""

from __future__ import annotations

from django.db import connection

RELEASE = {"cms": "0002_content", "federation": "0001_initial"}
ACTORS, SERVERS, FOLLOWERS, OBJECTS = 7, 800, 20_000, 2_000
# The first half of the servers has a shared inbox.
SHARING = SERVERS // 2

# Bytes as they come: no valid UTF-8, zeros among them.
_BYTES = "decode(repeat(md5(({n})::text) || '00ff', 20), 'hex')"
_ID = "md5('{kind}' || {n}::text)::uuid"
_THEN = "timestamptz '2026-01-01 00:00:00.123456+00' + ({n}) * interval '1 minute'"


def _id(kind: str, n: str = "n") -> str:
    return _ID.format(kind=kind, n=n)


def _then(n: str = "n") -> str:
    return _THEN.format(n=n)


_SERVER = f"'https://s' || (n % {SERVERS}) || '.example'"
_WHO = f"{_SERVER} || '/users/' || n"
_ONE_IN = "CASE WHEN n % {every} = 0 THEN {value} END"

STATEMENTS = (
    f"""INSERT INTO federation_localactor
        (id, uri, kind, key, handle, name, url, fingerprint, document, etag, paused, created, updated, deleted_at)
        SELECT {_id("actor")}, 'https://hub.example/ap/actors/' || n, 'organisation', 'organisation:' || n, 'org' || n,
               'Ėglė ' || n, 'https://hub.example/' || n, '1:' || md5(n::text), {_BYTES.format(n="n")}, md5(n::text),
               n = 3, {_then()}, {_then("n + 1")}, {_ONE_IN.format(every=6, value=_then("n + 2"))}
          FROM generate_series(0, {ACTORS} - 1) n""",
    f"""INSERT INTO federation_handle (name, actor_id, since)
        SELECT 'Org' || n, {_id("actor", f"(n % {ACTORS})")}, {_then()} FROM generate_series(0, {ACTORS} * 2 - 1) n""",
    f"""INSERT INTO federation_actorkey (actor_id, key_id, algorithm, public, private, created, retired_at)
        SELECT {_id("actor")}, 'https://hub.example/ap/actors/' || n || '#' || a, a, 'public', {_BYTES.format(n="n")},
               {_then()}, NULL
          FROM generate_series(0, {ACTORS} - 1) n, unnest(ARRAY['rsa', 'ed25519']) a""",
    f"""INSERT INTO federation_peer
        (origin, created, blocked, scheme, scheme_learned, shares_inbox, held_until, hold_reason, holds, failing_since)
        SELECT {_SERVER}, {_then()}, n % 97 = 0, CASE WHEN n % 3 = 0 THEN 'rfc9421' ELSE 'cavage' END, {_then()},
               n < {SHARING}, {_ONE_IN.format(every=50, value=_then("n * 9"))}, 'time-out', n % 5,
               {_ONE_IN.format(every=5, value=_then())}
          FROM generate_series(0, {SERVERS} - 1) n""",
    f"""INSERT INTO federation_remoteactor
        (uri, peer_id, kind, handle, name, summary, url, icon_url, inbox, shared_inbox, outbox, blocked, fetched_at,
         gone_at)
        SELECT {_WHO}, {_SERVER}, 'Person', 'u' || n || '@s.example', 'Moțoc ' || n, '<p>x</p>', '', '',
               {_WHO} || '/inbox', CASE WHEN n % {SERVERS} < {SHARING} THEN {_SERVER} || '/inbox' ELSE '' END, '',
               n % 501 = 0, {_then()},
               {_ONE_IN.format(every=503, value=_then())}
          FROM generate_series(0, {FOLLOWERS} - 1) n""",
    """INSERT INTO federation_remotekey (key_id, actor_id, public, fetched_at)
        SELECT uri || '#main-key', id, repeat('PEM ', 20), fetched_at FROM federation_remoteactor""",
    f"""INSERT INTO federation_follower (actor_id, remote_id, follow_uri, follow, created)
        SELECT {_id("actor", f"(r.n % {ACTORS})")}, r.id, r.uri || '/follow',
               jsonb_build_object('id', r.uri, 'type', 'Follow', 'odd', '\u0001'), {_then("r.n")}
          FROM (SELECT id, uri, split_part(uri, '/', 5)::int AS n FROM federation_remoteactor) r""",
    f"""INSERT INTO federation_following (actor_id, remote_id, follow_uri, state, created)
        SELECT {_id("actor", "0")}, id, 'https://hub.example/ap/activities/f' || id, 'accepted', fetched_at
          FROM federation_remoteactor ORDER BY id LIMIT 50""",
    f"""INSERT INTO federation_publishedobject
        (id, uri, key, kind, title, url, document, etag, builder, published, updated, withdrawn_at, actor_id)
        SELECT {_id("object")}, 'https://hub.example/ap/objects/' || n, 'page:' || n, 'Article', 'Report ' || n,
               'https://hub.example/r/' || n, {_BYTES.format(n="n")}, md5(n::text), 1, {_then()},
               {_ONE_IN.format(every=4, value=_then("n + 5"))}, {_ONE_IN.format(every=10, value=_then("n + 9"))},
               {_id("actor", f"(n % {ACTORS})")}
          FROM generate_series(1, {OBJECTS}) n""",
    f"""INSERT INTO federation_ledgerentry
        (key, state, publisher, fingerprint, current_id, waiting_since, approved, changed)
        SELECT 'page:' || n, CASE WHEN n % 10 = 0 THEN 'withdrawn' ELSE 'live' END, 'organisation:' || (n % {ACTORS}),
               md5(n::text), CASE WHEN n % 10 <> 0 THEN {_id("object")} END,
               {_ONE_IN.format(every=400, value=_then())}, n % 800 = 0, {_then()}
          FROM generate_series(1, {OBJECTS}) n""",
    f"""INSERT INTO federation_activity (id, uri, actor_id, kind, object_id, lane, public, body, created)
        SELECT {_id("activity")}, 'https://hub.example/ap/activities/' || n, {_id("actor", f"(n % {ACTORS})")},
               CASE WHEN n % 10 = 0 THEN 'Delete' ELSE 'Create' END, {_id("object")}, 'page:' || n, n % 9 <> 0,
               {_BYTES.format(n="n + 7")}, {_then()}
          FROM generate_series(1, {OBJECTS}) n""",
    f"""INSERT INTO federation_delivery
        (activity_id, peer_id, inbox, lane, first, state, attempts, created, next_attempt, first_attempt, done_at,
         status, error)
        SELECT {_id("activity")}, 'https://s' || s || '.example', 'https://s' || s || '.example/inbox', 'page:' || n,
               n % 10 = 0, (ARRAY['waiting', 'accepted', 'refused', 'expired', 'dropped'])[1 + (n + s) % 5], n % 4,
               {_then()}, {_then("n + 30")}, {_ONE_IN.format(every=2, value=_then())},
               CASE WHEN (n + s) % 5 <> 0 THEN {_then("n + 40")} END, (ARRAY[202, 410, 404, 503])[1 + n % 4], 'because'
          FROM generate_series(1, {OBJECTS}) n, generate_series(1, 8) s""",
    """INSERT INTO federation_reach (object_id, inbox, peer_id)
        SELECT a.object_id, d.inbox, d.peer_id
          FROM federation_delivery d JOIN federation_activity a ON a.id = d.activity_id
         WHERE d.state <> 'dropped'""",
    f"""INSERT INTO federation_inboundactivity
        (identity, signer, kind, document, received_at, state, reason, attempts, next_attempt)
        SELECT 'https://s1.example/a/' || n, 'https://s1.example/users/1', 'Like',
               jsonb_build_object('n', n, 'x', 1.10), {_then()},
               CASE WHEN n % 20 = 0 THEN 'waiting' ELSE 'done' END, '', n % 3, {_then()}
          FROM generate_series(1, 3000) n""",
    f"""INSERT INTO federation_remoteobject
        (uri, only_shared, kind, title, summary, content, url, language, received_at, actor_id)
        SELECT uri || '/notes/1', false, 'Note', 'T', '', '<p>ș</p>', '', 'ro', {_then("id")}, id
          FROM federation_remoteactor ORDER BY id LIMIT 500""",
    f"""INSERT INTO federation_keyfailure (key_id, failed_at, gone, temporary)
        SELECT 'https://lost.example/' || n, {_then()}, n % 2 = 0, n % 3 = 0 FROM generate_series(1, 20) n""",
    """INSERT INTO federation_instance (id, origin, database, paused, pause_reason, created)
        VALUES (1, 'https://hub.example', '1/2', false, '', '2026-01-01')""",
    f"""INSERT INTO federation_wake (key, created, failures, error)
        SELECT 'page:' || n, {_then()}, n % 2, '' FROM generate_series(1, 30) n""",
)


def fill() -> None:
    """To be called on empty tables at that release."""
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def inboxes_of_followers(actor: int) -> int:
    """How many inboxes hear what the actor of this number says: by the rules above, without a database."""
    heard = set()
    for n in range(actor, FOLLOWERS, ACTORS):
        server = n % SERVERS
        if server % 97 and n % 501 and n % 503:
            heard.add(server if server < SHARING else (server, n))
    return len(heard)
