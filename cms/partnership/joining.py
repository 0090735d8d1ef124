"""What the link of an invitation leads to. Opening it changes nothing, for programs open links in mails, too; sending
the form does. Nothing here says whether somebody has an account, except to who holds a working link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import logout
from django.contrib.auth.forms import SetPasswordMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from wagtail.admin import messages

from cms.limits import Limit, network_of, seconds_to_wait
from cms.models import Invitation, InvitationState, User

from .invitations import AccountExists, NotInvited, accept, accept_as_new, digest_of, find

# A class of people who join in one room have one address.
FROM_ONE_PLACE = Limit("join.from", most=60, seconds=600)
WITH_ONE_LINK = Limit("join.link", most=15, seconds=600)
_WHY = {
    InvitationState.ACCEPTED: _("This invitation has been used already. If it was you, just log in."),
    InvitationState.WITHDRAWN: _("This invitation was withdrawn."),
    InvitationState.EXPIRED: _("This invitation has expired. Please ask for a new one."),
    None: _("This link leads to no invitation. If you got a newer mail, please use the link in that one."),
}


class NewPersonForm(SetPasswordMixin, forms.Form):
    first_name = forms.CharField(
        label=_("First name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, email: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = User(email=email, username=email)

    def clean(self) -> dict[str, Any] | None:
        self.validate_passwords()
        self.user.first_name = self.cleaned_data.get("first_name", "")
        self.user.last_name = self.cleaned_data.get("last_name", "")
        self.validate_password_for_user(self.user)  # a password that is made of the name is none
        return super().clean()

    def person(self) -> User:
        """The account to be, not saved."""
        self.user.set_password(self.cleaned_data["password1"])
        return self.user


@method_decorator(sensitive_post_parameters("password1", "password2"), name="dispatch")
class JoinView(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response = super().dispatch(request, *args, **kwargs)
        except NotInvited as error:
            response = self.refuse(_WHY[error.state], 404 if error.state is None else 410)
        assert isinstance(response, HttpResponse)
        # The address is a secret: not for caches, not for search engines, and in no Referer, ours neither. Stricter
        # than “strict-origin” would take the Origin off the form, by which Django knows that it is ours.
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "strict-origin"
        response["X-Robots-Tag"] = "noindex"
        return response

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        invitation = find(secret, timezone.now())
        return self.show(invitation, NewPersonForm(invitation.email))

    def post(self, request: HttpRequest, secret: str) -> HttpResponse:
        now = timezone.now()
        wait = max(
            seconds_to_wait(FROM_ONE_PLACE, network_of(request), now),
            seconds_to_wait(WITH_ONE_LINK, digest_of(secret), now),
        )
        if wait:
            response = self.refuse(_("There were too many attempts. Please try again in some minutes."), 429)
            response["Retry-After"] = str(wait)
            return response
        invitation = find(secret, now)
        if "log_out" in request.POST:
            logout(request)
            return redirect(request.path)
        if request.user.is_authenticated:
            return self.join(secret, invitation)
        return self.make_account(secret, invitation)

    def join(self, secret: str, invitation: Invitation) -> HttpResponse:
        if not _is_for(invitation, self.request.user):
            return self.show(invitation, NewPersonForm(invitation.email), 403)
        assert isinstance(self.request.user, User)
        accept(secret, User.objects.get(pk=self.request.user.pk), timezone.now())
        text = _t("You can write and publish for “%(name)s” now.") % {"name": invitation.organisation.title}
        messages.success(self.request, text)
        return redirect("wagtailadmin_home")

    def make_account(self, secret: str, invitation: Invitation) -> HttpResponse:
        form = NewPersonForm(invitation.email, self.request.POST)
        if not form.is_valid():
            return self.show(invitation, form)
        person = form.person()
        try:
            accept_as_new(secret, person, timezone.now())
        except AccountExists:
            form.add_error(None, _t("There is an account with this e-mail address already. Please log in with it."))
            return self.show(invitation, form, 409)
        text = _t("Your account is ready. Your user name is “%(name)s”.") % {"name": person.username}
        messages.success(self.request, text)
        return redirect("wagtailadmin_login")

    def show(self, invitation: Invitation, form: NewPersonForm, status: int = 200) -> HttpResponse:
        values = {
            "invitation": invitation,
            "form": form,
            "for_me": _is_for(invitation, self.request.user),
            "login": f"{reverse('wagtailadmin_login')}?next={self.request.path}",
        }
        return TemplateResponse(self.request, "cms/joining/join.html", values, status=status)

    def refuse(self, why: Any, status: int) -> HttpResponse:
        return TemplateResponse(self.request, "cms/joining/refused.html", {"why": why}, status=status)


def _is_for(invitation: Invitation, user: Any) -> bool:
    return user.is_authenticated and user.email.lower() == invitation.email.lower()
