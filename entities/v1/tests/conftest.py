from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from core.models.scd2 import Change, Channel, Context
from core.tests.doors import apply_changes
from core.tests.problems import problem, wrong
from entities.abstract import BEGINNING
from entities.models import DetailType, EntityType

__all__ = ["SYSTEM", "make_types", "problem", "signed_in", "wrong"]

SYSTEM = Context(actor="tester", channel=Channel.SYSTEM)

DETAIL_TYPES: dict[str, dict[str, Any]] = {
    "EMAIL": {"data_type": "text", "pattern": r"[^@\s]+@[^@\s]+"},
    "NOTE": {"data_type": "text"},
    "EMPLOYEES": {"data_type": "integer"},
    "EQUITY": {"data_type": "decimal"},
    "ACTIVE": {"data_type": "boolean"},
    "FOUNDED": {"data_type": "date"},
    "SEEN": {"data_type": "datetime"},
    "EXTRA": {"data_type": "json"},
}


def signed_in(role: str | None) -> APIClient:
    """A client of a user with that role."""
    user, _ = get_user_model().objects.get_or_create(username=f"{role or 'nobody'} user")
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture(autouse=True)
def entities_service(settings: Any) -> None:
    settings.ROOT_URLCONF = "entities.config.urls"


@pytest.fixture
def client(db: None) -> APIClient:
    """A client that may read, write and correct."""
    return signed_in("steward")


def make_types() -> None:
    entity_types = [
        Change(
            {"code": code},
            {"name": code.title(), "description": "", "is_pii_name": False},
            BEGINNING,
        )
        for code in ("PERSON", "BANK")
    ]
    plain = {"description": "", "pattern": None, "is_pii": False}
    detail_types = [
        Change({"code": code}, {"name": code.title(), **plain, **fields}, BEGINNING)
        for code, fields in DETAIL_TYPES.items()
    ]
    apply_changes([(EntityType, entity_types), (DetailType, detail_types)], SYSTEM)


@pytest.fixture
def types(db: None) -> None:
    """Two types of entities, and one type of details for every type of data."""
    make_types()


@pytest.fixture
def ada(client: APIClient, types: None) -> str:
    """The address of Ada Lovelace, known from 2020 on."""
    body = {
        "entity_type": "PERSON",
        "display_name": "Ada Lovelace",
        "details": {"EMAIL": "ada@example.org", "EMPLOYEES": 12},
        "valid_from": "2020-01-01",
    }
    return str(client.post("/api/v1/entities", body)["Location"])
