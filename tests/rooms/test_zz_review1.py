from __future__ import annotations
import random, string
import pytest
from django.test import Client
from federation.inbox.dispatch import drain
from federation.models import *
from federation.models.inbound import RemoteObject, InboundActivity
from federation.models.peers import RemoteActor
from federation.models.follows import Follower
from tests.factories.inbound import *
from tests.factories.signed_requests import NOW, rsa_key
from tests.factories.cms_pages import *
from tests.factories.cms_media import *

pytestmark = pytest.mark.django_db
CARL = "https://third.example/users/carl"
THIRD = "https://third.example/notes/9"
rnd = random.Random(1)


def junk(n):
    return "".join(rnd.choice([chr(c) for c in range(0x4E00, 0x9000)]) for _ in range(n))


@pytest.fixture
def web(monkeypatch):
    return install_web(monkeypatch)


def handled(document, signer=ANA):
    row = stored(document, signer=signer)
    drain(NOW)
    row.refresh_from_db()
    return row


def test_undo_by_stranger(web):
    followed(ana())
    RemoteObject.objects.create(uri=THIRD, actor=remote_actor(CARL), kind="Note", title="x", received_at=NOW)
    remote_actor(BEN)
    row = handled(said("Undo", {"type": "Announce", "object": THIRD, "actor": BEN}, actor=BEN), signer=BEN)
    assert RemoteObject.objects.get().withdrawn_at is None, row.reason


def test_poison_uri(web):
    followed(ana())
    a = stored(said("Create", note("https://peer.example/" + junk(2000))))
    drain(NOW)


def test_poison_inbox(web, monkeypatch):
    org = local_actor()
    web.add_actor(BEN, inbox="https://peer.example/" + junk(2000))
    row = handled(said("Follow", ORG, actor=BEN), signer=BEN)
    assert row.state == "done", row.reason


def test_poison_keyid(web):
    ana()
    k = pem(rsa_key())
    web.add_actor(ANA)
    web.pages[ANA]["publicKey"]["id"] = "https://peer.example/" + junk(2000)
    row = handled(said("Update", ANA))
    assert row.state in ("done", "failed"), row.reason


def test_acct(web):
    from federation.errors import FederationError

    doc = said("Create", note()) | {
        "proof": {"type": "DataIntegrityProof", "verificationMethod": "acct:" + "a" * 5000 + "@peer.example"}
    }
    with pytest.raises(FederationError):
        take_in(post_(doc))


def post_(doc):
    import json
    from federation.signatures.message import Message

    return Message("POST", INBOX, {}, json.dumps(doc).encode())


def test_acct_nul_name(web):
    from federation.errors import FederationError

    for m in (
        "acct:@peer.example",
        "acct:a b@peer.example",
        "acct:é@peer.example",
        "acct:x@@peer.example",
        "https://peer.example/" + "a" * 2020 + "#" + "b" * 100,
    ):
        doc = said("Create", note()) | {"proof": {"type": "DataIntegrityProof", "verificationMethod": m}}
        with pytest.raises(FederationError):
            take_in(post_(doc))


def test_media_long(db):
    image = make_image()
    image.get_rendition("max-100x100")
    c = Client(raise_request_exception=False)
    assert c.get("/media/images/" + "a" * 300 + ".jpg").status_code == 404


def test_private_page_link():
    from cms.plain_html import plain_html

    hidden = make_news(title="Secret merger", live=False)
    out = plain_html(f'<p><a linktype="page" id="{hidden.pk}">x</a></p>')
    assert "secret" not in out, out


def test_content_type():
    r = Client(raise_request_exception=False).post(
        "/ap/inbox", b"{}", content_type="application/activity+json; a*=x; a*0=y"
    )
    assert r.status_code < 500


def test_missing_original(settings):
    import os
    from cms.pictures import find_picture, AVATAR

    image = make_image()
    os.unlink(image.file.path)
    print(find_picture(image, AVATAR))
