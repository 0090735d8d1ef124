"""People with a browser."""

from __future__ import annotations

from django.test import Client

from cms.models import User


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
