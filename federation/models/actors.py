"""Those who speak from here: the organisations, the site itself, and the instance actor that signs fetches."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class LocalActor(models.Model):
    """Answers 200 from its first use until somebody deletes it on purpose; an unpublished page only empties its outbox.

    ``uri`` is the full id, stored as a literal. ``document`` is the profile as bytes, made once per change;
    ``fingerprint`` is of the publisher it was made from.
    """

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("organisation")
        SITE = "site", _("site")
        INSTANCE = "instance", _("instance")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uri = models.CharField(max_length=512, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    key = models.CharField(max_length=100, unique=True, help_text="the publisher's key")
    handle = models.CharField(max_length=64)
    name = models.CharField(max_length=255, blank=True)
    url = models.CharField(max_length=2048, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    document = models.BinaryField(default=bytes)
    etag = models.CharField(max_length=64, blank=True)
    paused = models.BooleanField(default=False)
    servers = models.PositiveIntegerField(null=True, blank=True, help_text="of followers, counted where they are many")
    created = models.DateTimeField()
    updated = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("profile")

    def __str__(self) -> str:
        return f"@{self.handle}"


class Handle(models.Model):
    """A handle that was ever used. It keeps resolving to its actor after a rename and is never given to another."""

    name = models.CharField(max_length=64)
    actor = models.ForeignKey(LocalActor, on_delete=models.PROTECT, related_name="handles")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="federation_handle_is_never_reused")]

    def __str__(self) -> str:
        return self.name


class ActorKey(models.Model):
    """A key pair. ``private`` is a PEM encrypted with the instance's key from the environment, empty once destroyed.

    One of each algorithm is in use. A former one (``retired_at``) lives on for a while: an RSA key signs for the
    servers that know no other yet (:class:`KeyHolder`), a proof key stays in the document so that older proofs hold. At
    ``ended_at`` that is over. The row remains, for its id is never used again.
    """

    class Algorithm(models.TextChoices):
        RSA = "rsa", "RSA-2048"
        ED25519 = "ed25519", "Ed25519"

    actor = models.ForeignKey(LocalActor, on_delete=models.CASCADE, related_name="keys")
    key_id = models.CharField(max_length=512, unique=True)
    algorithm = models.CharField(max_length=8, choices=Algorithm.choices)
    public = models.TextField(help_text="PEM for RSA, multibase for Ed25519")
    private = models.BinaryField()
    created = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["actor", "algorithm"], condition=models.Q(retired_at=None), name="federation_one_key_in_use"
            )
        ]

    def __str__(self) -> str:
        return self.key_id
