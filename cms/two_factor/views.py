"""Showing a code, setting an app up, and what belongs to it."""

from __future__ import annotations

import io
from typing import Any

import segno
from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.formats import time_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView, View
from django_otp import login
from wagtail.admin import messages
from wagtail.admin.localization import get_localized_response
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.addresses import origin
from cms.limits import Limit, forget, seconds_to_wait
from cms.models import SecondFactor, User
from cms.sealing import unseal

from . import codes, letters
from .factors import TooSoon, begin, check, confirm, find_factor, is_required, renew_recovery_codes, turn_off
from .forms import SetUpForm, ShowForm

PASSWORDS = Limit("two_factor.password", most=10, seconds=600)
WRONG = _("This code is not right. A code works once, and for about a minute.")


class OwnFactor(View):
    """Of the person who is logged in; in their language, and kept by no cache."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = get_localized_response(super().dispatch, request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    @property
    def person(self) -> User:
        assert self.request.user.pk is not None  # login_required, or the admin's own check
        return User.objects.get(pk=self.request.user.pk)

    def way_on(self) -> str:
        """Where the person wanted to go, if that is here."""
        wanted = self.request.POST.get("next") or self.request.GET.get("next") or ""
        hosts = {self.request.get_host()}
        is_ours = url_has_allowed_host_and_scheme(wanted, hosts, require_https=self.request.is_secure())
        return wanted if is_ours else reverse("wagtailadmin_home")


def try_code(form: forms.Form, factor: SecondFactor | None, attempt: Any = check) -> Any:
    """What ``attempt`` makes of the form's code; None with an error in the form if it is not right."""
    if factor is None:
        return None
    try:
        found = attempt(factor, form.cleaned_data["code"])
    except TooSoon as error:
        when = time_format(timezone.localtime(error.until), "H:i:s")
        form.add_error("code", _t("There were wrong codes. Please try again after %(time)s.") % {"time": when})
        return None
    if found is None:
        form.add_error("code", WRONG)
    return found


@method_decorator(login_required, name="dispatch")
@method_decorator(sensitive_post_parameters("code"), name="dispatch")
class ShowView(OwnFactor, FormView):
    """After the password: a code, before anything else."""

    form_class = ShowForm
    template_name = "cms/two_factor/show.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if find_factor(self.person) else redirect(self.way_on())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(next=self.way_on(), **kwargs)

    def form_valid(self, form: ShowForm) -> HttpResponse:
        factor = try_code(form, find_factor(self.person))
        if factor is None:
            return self.form_invalid(form)
        login(self.request, factor)
        left = factor.recovery_codes.count()
        if not codes.is_time_code(codes.tidy(form.cleaned_data["code"])):
            text = _t("That recovery code is used up; %(left)d are left. Make new ones under “Account”.")
            messages.warning(self.request, text % {"left": left})
        return redirect(self.way_on())


@method_decorator(login_required, name="dispatch")
@method_decorator(sensitive_post_parameters("code", "password"), name="dispatch")
class SetUpView(OwnFactor, FormView):
    """A new app, also in the place of one that is in use: the former works until the new one has shown a code."""

    form_class = SetUpForm
    template_name = "cms/two_factor/set_up.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.person
        return super().get_context_data(
            next=self.way_on(),
            spoken=codes.spoken(unseal(begin(person).secret)),
            required=is_required(person),
            replaces=find_factor(person) is not None,
            **kwargs,
        )

    def form_valid(self, form: SetUpForm) -> HttpResponse:
        person = self.person
        if wait := seconds_to_wait(PASSWORDS, str(person.pk), timezone.now()):
            text = _t("There were too many attempts. Please wait %(minutes)d minutes.")
            form.add_error("password", text % {"minutes": wait // 60 + 1})
            return self.form_invalid(form)
        if not person.check_password(form.cleaned_data["password"]):
            form.add_error("password", _t("This is not your password."))
            return self.form_invalid(form)
        fresh = try_code(form, begin(person), confirm)
        if fresh is None:
            return self.form_invalid(form)
        forget(PASSWORDS, str(person.pk))
        login(self.request, find_factor(person))
        letters.tell(person, letters.SET_UP)
        return show_recovery_codes(self.request, fresh, self.way_on())


@method_decorator(login_required, name="dispatch")
class PictureView(OwnFactor):
    """The QR code of the app that is being set up, made here: no other server learns the secret."""

    def get(self, request: HttpRequest) -> HttpResponse:
        person = self.person
        place = origin().partition("://")[2]
        address = codes.app_address(unseal(begin(person).secret), person.get_username(), place)
        picture = io.BytesIO()
        segno.make(address, error="m", micro=False).save(picture, kind="svg", scale=5, border=4, light="white")
        return HttpResponse(picture.getvalue(), content_type="image/svg+xml")


class InAdmin(WagtailAdminTemplateMixin, OwnFactor):
    header_icon = "lock"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        above = {"url": reverse("wagtailadmin_account"), "label": _t("Account")}
        return [*self.breadcrumbs_items, above, {"url": "", "label": self.page_title}]


class OverviewView(InAdmin, TemplateView):
    page_title = _("Two-factor login")
    template_name = "cms/two_factor/overview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        factor, required = find_factor(self.person), is_required(self.person)
        left = factor.recovery_codes.count() if factor else 0
        return super().get_context_data(factor=factor, required=required, left=left, **kwargs)


class _WithCode(InAdmin, FormView):
    """Asks for a code once more before it does something that somebody else at this screen should not do."""

    form_class = ShowForm
    template_name = "cms/two_factor/once_more.html"
    explanation: Any = ""
    button: Any = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(explanation=self.explanation, button=self.button, **kwargs)

    def form_valid(self, form: ShowForm) -> HttpResponse:
        factor = try_code(form, find_factor(self.person))
        return self.form_invalid(form) if factor is None else self.act(factor)

    def act(self, factor: SecondFactor) -> HttpResponse:
        raise NotImplementedError


class RecoveryView(_WithCode):
    page_title = _("New recovery codes")
    explanation = _("You get ten new recovery codes. Those that you have now will not work any more.")
    button = _("Make new codes")

    def act(self, factor: SecondFactor) -> HttpResponse:
        return show_recovery_codes(self.request, renew_recovery_codes(factor), reverse("two_factor"))


class TurnOffView(_WithCode):
    page_title = _("Turn two-factor login off")
    explanation = _("Your password alone will be enough to log in.")
    button = _("Turn off")

    def act(self, factor: SecondFactor) -> HttpResponse:
        if is_required(self.person):
            messages.error(self.request, _t("A group of yours asks for two-factor login. You can set up another app."))
            return redirect("two_factor")
        turn_off(self.person, by=self.request.user)
        letters.tell(self.person, letters.OFF)
        messages.success(self.request, _t("Two-factor login is off."))
        return redirect("two_factor")


def show_recovery_codes(request: HttpRequest, fresh: list[str], way_on: str) -> HttpResponse:
    """Once, as the answer to the form: they are kept nowhere, the session included."""
    values = {"codes": fresh, "next": way_on}
    response = TemplateResponse(request, "cms/two_factor/recovery_codes.html", values)
    add_never_cache_headers(response)
    return response
