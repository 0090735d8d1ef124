from __future__ import annotations
import random
import pytest
from django.test import Client
pytestmark = pytest.mark.django_db

PATHS = ["/feeds/a%00b.atom", "/a%00b/", "/ap/x%00", "/nodeinfo/%00", "/media/images/" + "a" * 300 + ".jpg", "/media/images/a%00.jpg",
 "/documents/00000000-0000-0000-0000-000000000000/a%00", "/documents/99999999999999999999/x", "/documents/1/%00", "/.well-known/webfinger?resource=%00",
 "/.well-known/webfinger?resource=acct:%ED%A0%80@localhost", "/.well-known/webfinger?resource=http://%5Bx", "/%ff%fe/", "/?page=%00", "/?page=" + "9" * 5000, "/" + "a" * 3000 + "/", "/-/health",
 "/documents/authenticate_with_password/99999999999999999999999/", "/sitemap.xml?p=%00", "/sitemap.xml?p=99999999999999999999", "/%F0%9F%98%80/", "/?password=%00",
 "/.well-known/webfinger?resource=http://localhost/%2500", "/.well-known/webfinger?resource=http://localhost/" + "a/" * 900,
 "/.well-known/webfinger?resource=http://testserver/%252500", "/en%00", "/-/%00"]
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "head", "options", "put"])
def test_odd(path, method):
    c = Client(raise_request_exception=False)
    r = getattr(c, method)(path)
    assert r.status_code < 500, r.status_code
