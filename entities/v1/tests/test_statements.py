"""How many statements a call takes: as many for 100 things as for one, the token's included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from auth import services
from core.models.scd2 import Change
from core.tests.doors import apply_changes
from entities.models import Entity, EntityDetail
from entities.v1.tests.conftest import SYSTEM

HOME = UUID(int=1)
START = datetime(2020, 1, 1, tzinfo=UTC)
LATER = datetime(2021, 1, 1, tzinfo=UTC)
LIST, AS_OF, DIFF = "/api/v1/entities", "/api/v1/entities-asof", "/api/v1/diff"
BETWEEN = "from=2020-06-01&to=2022-01-01"
TOKEN, CLOCK, MARKS = 1, 1, 1
"""The look-up, the clock of a snapshot (a test is in a transaction already), what is marked."""


@pytest.fixture
def many(types: None) -> None:
    """A hundred people and one more, each with an address and a note, renamed a year later."""
    people, details = [], []
    for number in range(101):
        uuid = uuid5(HOME, str(number))
        payload = {"entity_type": "PERSON", "display_name": f"Person {number}"}
        people += [
            Change({"uuid": uuid}, payload, START),
            Change({"uuid": uuid}, {"display_name": f"Renamed {number}"}, LATER, partial=True),
        ]
        details += [
            Change({"entity_uuid": uuid, "detail_code": code}, {"value": "a@b.c"}, START)
            for code in ("EMAIL", "NOTE")
        ]
    apply_changes([(Entity, people), (EntityDetail, details)], SYSTEM)


def caller(role: str) -> APIClient:
    """A client with a token of its own, of which nothing more is to be noted."""
    user = get_user_model().objects.create(username=f"the {role}")
    user.groups.add(Group.objects.get(name=role))
    _, secret = services.token_create(user=user, context=SYSTEM)
    client = APIClient(HTTP_AUTHORIZATION=f"Token {secret}")
    client.get("/api/v1")
    return client


@pytest.mark.parametrize(
    ("role", "call", "statements"),
    [
        ("steward", f"{LIST}?", 1),
        ("steward", f"{LIST}?expand=details&", 1),
        ("steward", f"{LIST}?q=renamed&type=PERSON&expand=details&", 1),
        ("steward", f"{AS_OF}?as_of=2020-06-01&", 1),
        ("viewer", f"{LIST}?expand=details&", CLOCK + MARKS + 1),
        ("viewer", f"{AS_OF}?as_of=2020-06-01&", CLOCK + MARKS + 1),
        ("viewer", f"{DIFF}?{BETWEEN}&", CLOCK + MARKS + 1),
        ("steward", f"{DIFF}?{BETWEEN}&", CLOCK + 1 + MARKS),
        ("viewer", "/api/v1/entity-types?", CLOCK + 1),
        ("viewer", "/api/v1/detail-types?", CLOCK + 1),
    ],
)
def test_of_a_list(
    many: None, role: str, call: str, statements: int, django_assert_num_queries: Any
) -> None:
    client = caller(role)
    for limit in (1, 100):
        with django_assert_num_queries(TOKEN + statements):
            answer = client.get(f"{call}limit={limit}")
        assert len(answer.json()["results"]) in (limit, 3, 8)


@pytest.mark.parametrize("role", ["viewer", "steward"])
def test_of_one_entity(many: None, role: str, django_assert_num_queries: Any) -> None:
    client = caller(role)
    path = f"{LIST}/{uuid5(HOME, '7')}"
    with django_assert_num_queries(TOKEN + 1):
        assert client.get(path).json()["display_name"] == "Renamed 7"
    with django_assert_num_queries(TOKEN + 1):
        assert client.get(f"{path}?as_of=2020-06-01").json()["display_name"] == "Person 7"
