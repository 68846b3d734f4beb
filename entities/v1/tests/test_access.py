from typing import Any

import pytest
from rest_framework.test import APIClient

from auth.services import token_create
from entities.models import Entity
from entities.v1.tests.conftest import SYSTEM, problem, signed_in

READS = [
    "/api/v1/entities",
    "/api/v1/entities-asof?as_of=2024-01-01",
    "/api/v1/diff?from=2024-01-01&to=2024-01-02",
    "/api/v1/entity-types",
    "/api/v1/detail-types",
    "/api/v1/entity-types/PERSON",
    "/api/v1/entity-types/PERSON/history",
    "/api/v1/detail-types/EMAIL",
    "/api/v1/detail-types/EMAIL/history",
]
WRITES = [
    ("post", "/api/v1/entities", {"entity_type": "PERSON", "display_name": "New"}),
    ("post", "/api/v1/entity-types", {"code": "NEW", "name": "New"}),
    ("post", "/api/v1/detail-types", {"code": "NEW", "name": "New", "data_type": "text"}),
    ("patch", "/api/v1/entity-types/PERSON", {"name": "New"}),
    ("patch", "/api/v1/detail-types/EMAIL", {"name": "New"}),
]


@pytest.mark.parametrize("path", READS)
def test_reading_needs_a_token(types: None, path: str) -> None:
    response = APIClient().get(path)
    problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("role", ["viewer", "editor", "steward", "auditor", "admin"])
def test_every_role_may_read(types: None, role: str, path: str) -> None:
    assert signed_in(role).get(path).status_code == 200


@pytest.mark.parametrize("path", READS)
def test_without_a_role_nothing_can_be_read(types: None, path: str) -> None:
    problem(signed_in(None).get(path), 403, "permission_denied")


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
@pytest.mark.parametrize("role", ["editor", "steward", "admin"])
def test_who_may_write(types: None, role: str, method: str, path: str, body: Any) -> None:
    response = getattr(signed_in(role), method)(path, body)
    assert response.status_code == (201 if method == "post" else 200)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
@pytest.mark.parametrize("role", ["viewer", "auditor", None])
def test_who_may_not_write(
    types: None, role: str | None, method: str, path: str, body: Any
) -> None:
    problem(getattr(signed_in(role), method)(path, body), 403, "permission_denied")
    assert Entity.objects.count() == 0


def test_who_may_not_write_may_not_change_an_entity(ada: str) -> None:
    problem(signed_in("viewer").patch(ada, {"display_name": "New"}), 403, "permission_denied")
    assert signed_in("auditor").get(ada).json()["display_name"] == "Ada Lovelace"
    assert signed_in("admin").get(f"{ada}/history").status_code == 200


def test_a_token_opens_the_service(types: None, django_user_model: Any) -> None:
    user = django_user_model.objects.create(username="root", is_superuser=True)
    _, secret = token_create(user=user, context=SYSTEM)
    client = APIClient(headers={"Authorization": f"Token {secret}"})
    assert client.get("/api/v1/entities").status_code == 200
    body = {"entity_type": "PERSON", "display_name": "New"}
    assert client.post("/api/v1/entities", body).status_code == 201
    bearer = APIClient(headers={"Authorization": f"Bearer {secret}"})
    problem(bearer.get("/api/v1/entities"), 401, "not_authenticated")


@pytest.mark.parametrize("path", ["/schema", "/docs", "/redoc", "/health/live", "/health/ready"])
def test_what_is_open_to_all(db: None, path: str) -> None:
    assert APIClient().get(path).status_code == 200
