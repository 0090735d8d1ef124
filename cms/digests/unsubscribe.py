"""The link at the end of each mail. It works without a login, for as long as the account exists."""

from __future__ import annotations

from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from cms.addresses import absolute
from cms.models import User

from .preferences import preference_of, turn_all_off

_SALT = "cms.digests.unsubscribe"


def unsubscribe_address(user: User) -> str:
    return absolute(reverse("cms_unsubscribe", args=[Signer(salt=_SALT).sign(str(user.pk))]))


def find_reader(signed: str) -> User | None:
    """Whose link it is; None for one that we did not make, or of an account that is gone."""
    try:
        number = Signer(salt=_SALT).unsign(signed)
    except BadSignature:
        return None
    return User.objects.filter(pk=number).first()


# A mail program sends the form without having opened it, so there is no token of ours in it (RFC 8058). Who forges one
# would need the signature.
@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(View):
    """Opening it changes nothing: programs open the links in mails."""

    def get(self, request: HttpRequest, signed: str) -> HttpResponse:
        return self._show("asks" if find_reader(signed) else "unknown")

    def post(self, request: HttpRequest, signed: str) -> HttpResponse:
        reader = find_reader(signed)
        if reader is None:
            return self._show("unknown")
        preference_of(reader, timezone.now())
        turn_all_off(reader.pk)
        return self._show("done")

    def _show(self, what: str) -> HttpResponse:
        values: dict[str, Any] = {"what": what}
        status = 404 if what == "unknown" else 200
        response = TemplateResponse(self.request, "cms/digests/unsubscribe.html", values, status=status)
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex"
        return response
