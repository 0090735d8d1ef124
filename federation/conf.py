"""The settings of federation, read in one place. ``FEDERATION`` in Django's settings is a dict; every key it may have
is a field here."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from .contract import Source


@dataclass(frozen=True, slots=True)
class FederationSettings:
    """Durations are seconds.

    ``SOURCE`` is the dotted path of a :class:`federation.contract.Source` class. ``KEYS`` are Fernet keys that encrypt
    private keys at rest; the first encrypts, all decrypt. ``ALLOW_PRIVATE`` lists networks that may be reached
    although they are not public. ``AUTOMATIC_SENDS_PER_HOUR`` is the number after which sends wait for a person.
    ``DELIVERY_DEADLINE`` is how long one request of a delivery may take in all; what a dead worker had begun is taken
    up by another after four times as long.
    """

    SOURCE: str
    ORIGIN: str
    KEYS: tuple[str, ...] = field(repr=False)
    ALLOW_PRIVATE: tuple[IPv4Network | IPv6Network, ...] = ()
    CA_BUNDLE: str = ""
    AUTOMATIC_SENDS_PER_HOUR: int = 50
    DELIVERY_THREADS: int = 16
    DELIVERY_DEADLINE: float = 30.0
    MAX_INBOX_BYTES: int = 1024 * 1024

    @property
    def host(self) -> str:
        """Host and non-default port of this instance, as handles show it."""
        return urlsplit(self.ORIGIN).netloc

    @property
    def allow_http(self) -> bool:
        """Plain http is for instances that live on a loopback address themselves."""
        return self.ORIGIN.startswith("http://")


@lru_cache(maxsize=1)
def federation_settings() -> FederationSettings:
    """The current settings; raises TypeError for an unknown key."""
    values: dict[str, Any] = dict(django_settings.FEDERATION)
    values["ALLOW_PRIVATE"] = tuple(ip_network(n) for n in values.get("ALLOW_PRIVATE", ()))
    values["KEYS"] = tuple(values.get("KEYS", ()))
    return FederationSettings(**values)


@lru_cache(maxsize=1)
def source() -> Source:
    """The site's side of the contract, found by its dotted path as Wagtail finds its front-end cache backends."""
    return cast("Source", import_string(federation_settings().SOURCE)())


def _forget(*, setting: str, **_: object) -> None:
    if setting == "FEDERATION":
        federation_settings.cache_clear()
        source.cache_clear()


setting_changed.connect(_forget, dispatch_uid="federation.conf")
