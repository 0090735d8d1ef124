"""The profile behind a handle, and the forms that send a reader to their own server. A form is a page of its own; a
script may show the same form in a dialog and ask for JSON. Nothing sets a cookie, and what is typed is kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from wagtail import hooks
from wagtail.models import Page

from cms.addresses import origin, page_address
from cms.desk import desk
from cms.keys import page_key
from cms.languages import interface_language
from cms.models.base import Shareable
from cms.page_cache.middleware import mark_as_public
from cms.visibility import public_pages
from federation.contract import Gesture, Trouble

from .asker import asker
from .publishers import Account, account_of, find_account
from .sentences import FOREIGN, PAUSE, STALE, Refusal, refusal_of
from .tokens import is_good, make_token

FIELD = "server"
# Other apps wrap the serving of a profile as they wrap that of a page: functions that take what serves a request, the
# publisher's key and the address of its page, and return what serves instead.
HOOK = "cms_serve_profile"
Serve = Callable[[HttpRequest], HttpResponse]
_FORM = ("GET", "HEAD", "POST")


@dataclass(frozen=True, slots=True)
class Errand:
    """What a reader came for. ``key`` is the publisher's or the publication's; ``page`` is what it is about."""

    gesture: Gesture
    key: str
    page: Page
    account: Account | None

    @property
    def template(self) -> str:
        return "cms/follow/follow.html" if self.gesture is Gesture.FOLLOW else "cms/follow/respond.html"


@require_safe
def profile(request: HttpRequest, handle: str) -> HttpResponse:
    account = _get_account(handle)
    if handle != account.handle:
        return _now_at(account.address)
    serve: Serve = partial(_show, account)
    for wrap in hooks.get_hooks(HOOK):
        serve = wrap(serve, account.key, page_address(account.page))
    return serve(request)


def _show(account: Account, request: HttpRequest) -> HttpResponse:
    context = {"page": account.page, "account": account, "organisation": account.organisation}
    response = render(request, "cms/profile.html", context)
    # As a page: caches may keep it and have to ask each time; what an editor sees is for them alone.
    is_somebody = settings.SESSION_COOKIE_NAME in request.COOKIES
    response["Cache-Control"] = "private, no-cache" if is_somebody else "no-cache"
    mark_as_public(request)
    return response


@csrf_exempt  # see tokens
@require_http_methods(_FORM)
def follow(request: HttpRequest, handle: str) -> HttpResponse:
    account = _get_account(handle)
    if handle != account.handle:
        return _now_at(reverse("cms_follow", args=[account.handle]))
    if not account.full_handle:
        raise Http404
    return _serve(request, Errand(Gesture.FOLLOW, account.key, account.page, account))


@csrf_exempt
@require_http_methods(_FORM)
def respond(request: HttpRequest, number: str, gesture: str) -> HttpResponse:
    page = public_pages().filter(pk=int(number)).specific().first()
    key = page_key(int(number))
    if not isinstance(page, Shareable) or page.organisation is None or desk().alternate(key) is None:
        raise Http404
    return _serve(request, Errand(Gesture(gesture), key, page, account_of(page.organisation.publisher_key)))


def _get_account(handle: str) -> Account:
    account = find_account(handle)
    if account is None or not account.handle:
        raise Http404
    return account


def _now_at(address: str) -> HttpResponse:
    """Even from a name that is given up for good: who has it is asked again each time."""
    return HttpResponseRedirect(address, headers={"Cache-Control": "no-cache"})


def _serve(request: HttpRequest, errand: Errand) -> HttpResponse:
    with translation.override(interface_language(errand.page.locale.language_code)):
        response = _send_on(request, errand) if request.method == "POST" else _form(request, errand)
    response["Cache-Control"] = "no-store"
    return response


def _send_on(request: HttpRequest, errand: Errand) -> HttpResponse:
    if request.headers.get("Origin", origin()) != origin():
        return _refuse(request, errand, FOREIGN)
    if not is_good(request.POST.get("token", ""), errand.gesture, errand.key):
        return _refuse(request, errand, STALE)
    way = desk().fetch_way_home(errand.gesture, errand.key, request.POST.get(FIELD, ""), asker(request))
    if way.trouble is Trouble.GONE:
        raise Http404
    if way.trouble is not None:
        return _refuse(request, errand, refusal_of(way))
    if _wants_json(request):
        return JsonResponse({"way": way.address})
    response = HttpResponseRedirect(way.address)
    response.status_code = 303
    return response


def _refuse(request: HttpRequest, errand: Errand, refusal: Refusal) -> HttpResponse:
    response: HttpResponse
    if _wants_json(request):
        token = make_token(errand.gesture, errand.key)
        response = JsonResponse({"problem": str(refusal.sentence), "token": token}, status=refusal.status)
    else:
        response = _form(request, errand, refusal)
    if refusal.status in PAUSE:
        response["Retry-After"] = str(PAUSE[refusal.status])
    return response


def _form(request: HttpRequest, errand: Errand, refusal: Refusal | None = None) -> HttpResponse:
    """``typed`` goes back into the form as it was."""
    context = {
        "page": errand.page,
        "account": errand.account,
        "organisation": errand.account.organisation if errand.account else None,
        "gesture": errand.gesture.value,
        "token": make_token(errand.gesture, errand.key),
        "problem": refusal.sentence if refusal else "",
        "typed": request.POST.get(FIELD, "")[:300],
    }
    return render(request, errand.template, context, status=refusal.status if refusal else 200)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
