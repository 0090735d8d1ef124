"""What one try of a delivery comes to, with the real client and a resolver that lies."""

from __future__ import annotations

import pytest

from federation.net.guard import Policy
from federation.outbox.attempt import attempt
from federation.outbox.freight import Body, Item
from federation.outbox.retry import Result
from federation.signatures.digest import body_digest
from federation.signatures.sign import Scheme, Signer
from tests.factories.loopback import client_for
from tests.factories.signed_requests import KEY_ID, NOW, rsa_key


def item(inbox: str) -> Item:
    body = Body(b"{}", body_digest(b"{}"))
    return Item(1, inbox, "page:1", body, Signer(KEY_ID, rsa_key()), 0, None, None, unheard=False, lasting=True)


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "10.0.0.1", "::"])
def test_a_name_that_leads_nowhere_public_for_an_hour_loses_nothing(address: str) -> None:
    """Split horizon, a sinkhole, a parked domain: refused for good, all that was due then would be lost, withdrawals
    among it. Fails if what the resolver says is judged like what the address says."""
    client = client_for(Policy(), resolver=lambda host, port: [address])
    done = attempt(client, item("https://peer.example/inbox"), Scheme.CAVAGE, NOW)
    assert (done.outcome.result, done.unheard) == (Result.RESTS, True)
    assert address not in done.error, "partners read this; where our resolver leads is not their business"


@pytest.mark.parametrize("inbox", ["https://127.0.0.1/inbox", "http://peer.example/inbox", "https://peer.local/inbox"])
def test_an_address_that_is_refused_as_it_is_written_is_never_tried_again(inbox: str) -> None:
    done = attempt(client_for(Policy()), item(inbox), Scheme.CAVAGE, NOW)
    assert done.outcome.result is Result.FORBIDDEN
