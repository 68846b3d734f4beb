"""Something to be found under every path: the same words everywhere, and real keys."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client, override_settings
from django.utils import timezone

from auth.models import User
from auth.tests.matrix.people import token_of, with_token
from core.models import BatchState, IngestBatch
from core.models.scd2.model import VersionedModel

CODE = "SAMPLE"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def fill_register() -> dict[str, str]:
    """A type of each kind and an entity, made through the API. Returns values for paths."""
    root = User.objects.create_user("root", is_superuser=True)
    client = with_token(token_of(root)[1])
    with override_settings(ROOT_URLCONF="entities.config.urls"):
        post(client, "entity-types", {"code": CODE, "name": "Sample"})
        post(client, "detail-types", {"code": CODE, "name": "Sample", "data_type": "text"})
        made = post(client, "entities", {"entity_type": CODE, "display_name": "Sample"})
    return {"entity_uid": made["uuid"], "code": CODE, "batch_id": str(fill_batches())}


def fill_batches() -> int:
    """A batch that waits in the queue."""
    batch = IngestBatch.objects.create(
        model="entities.entity",
        file="sample.csv",
        options={},
        state=BatchState.QUEUED,
        actor="root",
        queued_at=timezone.now(),
    )
    return batch.pk


def post(client: Client, what: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{what}", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def fill_access() -> None:
    """A user and a group whom anybody with the right may change, and a token."""
    token_of(User.objects.create_user("somebody"))
    Group.objects.create(name="desk")


def filled(address: str, values: dict[str, str]) -> str:
    """The address with a value for every name in braces."""
    return PLACEHOLDER.sub(lambda name: values[name.group(1)], address)


def page_values(address: str) -> dict[str, str]:
    """For a page of the admin about one thing: a thing that there is."""
    parts = address.split("/")
    values = {"app_label": "core", "content_type_id": "1", "object_id": "1", "batch_id": "1"}
    if "{object_id}" in parts or "{id}" in parts:
        with suppress(LookupError):
            values["object_id"] = values["id"] = key_of(apps.get_model(parts[1], parts[2]))
    return values


def key_of(model: type[Model]) -> str:
    """The key under which the admin shows the thing that was made last."""
    order = "created" if hasattr(model, "created") else "pk"
    thing = model._default_manager.order_by(order).last()
    assert thing is not None
    root = model.shape.root if issubclass(model, VersionedModel) else "pk"
    return str(getattr(thing, root))
