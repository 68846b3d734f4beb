"""Users, and the tokens they call with."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from knox.models import AbstractAuthToken


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A person or a process that signs in. Ours from the start, so that it can grow."""


class Token(AbstractAuthToken):  # type: ignore[misc]
    """A secret that a user calls with, of which only the digest is kept.

    ``created``, ``expiry`` and ``last_used_at`` are UTC; ``last_used_at`` is written at most
    once a minute. A token is revoked by deleting it; the audit log remembers it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=128, unique=True, editable=False)
    name = models.CharField(max_length=100, blank=True, help_text="What it is used for.")
    last_used_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.name or 'token'} of {self.user}"
