"""Callers of the cockpit's API, and files for it."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

Caller = Callable[[str], APIClient]
BATCHES = "/api/v1/batches"


@pytest.fixture(autouse=True)
def cockpit_service(settings: Any) -> None:
    settings.ROOT_URLCONF = "cockpit.config.urls"


@pytest.fixture
def as_role() -> Caller:
    """A client of a user with that role."""

    def make(role: str) -> APIClient:
        user, _ = get_user_model().objects.get_or_create(username=role)
        user.groups.set(Group.objects.filter(name=role))
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make


@pytest.fixture
def steward(db: None, as_role: Caller) -> APIClient:
    return as_role("steward")


def send(client: APIClient, content: str | bytes = "source_id\nA\n", **fields: Any) -> Any:
    """Upload a file."""
    named = fields.pop("name", "feed.csv")
    headers = fields.pop("headers", {})
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = named
    given = {"source": "feed", "file": file} | fields
    sent = {name: value for name, value in given.items() if value is not None}
    return client.post(BATCHES, sent, format="multipart", headers=headers)
