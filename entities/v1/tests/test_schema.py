from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

METHODS = {"get", "post", "patch", "put", "delete"}
OPERATIONS = {
    "GET /api/v1": "index",
    "GET /api/v1/auth/tokens": "tokens_list",
    "POST /api/v1/auth/tokens": "tokens_create",
    "DELETE /api/v1/auth/tokens/{token_id}": "tokens_destroy",
    "GET /api/v1/detail-types": "detail_types_list",
    "POST /api/v1/detail-types": "detail_types_create",
    "GET /api/v1/detail-types/{code}": "detail_types_retrieve",
    "PATCH /api/v1/detail-types/{code}": "detail_types_update",
    "GET /api/v1/detail-types/{code}/history": "detail_types_history",
    "GET /api/v1/diff": "entities_diff",
    "GET /api/v1/changes": "changes_list",
    "GET /api/v1/audit": "audit_list",
    "GET /api/v1/entities": "entities_list",
    "POST /api/v1/entities": "entities_create",
    "GET /api/v1/entities-asof": "entities_as_of",
    "GET /api/v1/entities/{entity_uid}": "entities_retrieve",
    "DELETE /api/v1/entities/{entity_uid}": "entities_end",
    "PATCH /api/v1/entities/{entity_uid}": "entities_update",
    "GET /api/v1/entities/{entity_uid}/history": "entities_history",
    "POST /api/v1/entities/bulk": "entities_bulk",
    "GET /api/v1/entity-types": "entity_types_list",
    "POST /api/v1/entity-types": "entity_types_create",
    "GET /api/v1/entity-types/{code}": "entity_types_retrieve",
    "PATCH /api/v1/entity-types/{code}": "entity_types_update",
    "GET /api/v1/entity-types/{code}/history": "entity_types_history",
}


@pytest.fixture
def schema(db: None) -> Any:
    return APIClient().get("/schema").json()


def operations(schema: Any) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def test_every_call_has_a_name(schema: Any) -> None:
    named = {call: operation["operationId"] for call, operation in operations(schema).items()}
    assert named == OPERATIONS


def test_nothing_of_the_description_was_guessed(db: None, capsys: pytest.CaptureFixture) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)
    captured = capsys.readouterr()
    assert captured.out.startswith("openapi: 3.0.3")
    assert captured.err == ""


def test_every_call_of_the_register_is_told_by_an_example(schema: Any) -> None:
    for call, operation in operations(schema).items():
        if "/auth/" in call or operation["operationId"] == "index":
            continue
        assert operation["summary"], call
        assert operation["description"], call
        for status in ("200", "201"):
            if status in operation["responses"]:
                content = operation["responses"][status]["content"]["application/json"]
                assert content["examples"], call
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["examples"], call


def test_every_call_may_end_in_a_problem(schema: Any) -> None:
    for call, operation in operations(schema).items():
        statuses = set(operation["responses"])
        assert {"400", "401", "403", "406", "429", "500", "503"} <= statuses, call
        assert ("404" in statuses) == ("{" in call), call
        assert ({"409", "411", "413", "415"} <= statuses) == call.startswith(("POST", "PATCH")), (
            call
        )
        conditional = call.startswith("PATCH") or operation["operationId"] == "entities_end"
        assert ("412" in statuses) == conditional, call
    refusal = schema["components"]["responses"]["BadRequest"]
    assert refusal["content"] == {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
    }


def test_the_parameters_are_those_that_are_read(schema: Any) -> None:
    def parameters(call: str) -> dict[str, bool]:
        given = operations(schema)[call].get("parameters", [])
        return {p["name"]: p.get("required", False) for p in given if p["in"] == "query"}

    filters = ["q", "type", "detail", "detail_code", "source", "source_id", "ordering"]
    paging = ["as_of", "known_at", "limit", "cursor"]
    assert parameters("GET /api/v1/entities") == dict.fromkeys([*paging, *filters, "expand"], False)
    as_of = parameters("GET /api/v1/entities-asof")
    assert as_of == {**dict.fromkeys([*paging, *filters], False), "as_of": True}
    assert sorted(parameters("GET /api/v1/diff")) == sorted(
        [
            *("from", "to", "at", "known_from", "known_to"),
            *("type", "entity", "source", "limit", "cursor"),
        ]
    )
    assert parameters("POST /api/v1/entities") == {}


def test_bodies_say_that_they_know_no_other_field(schema: Any) -> None:
    schemas = schema["components"]["schemas"]
    for name in ("EntityCreate", "EntityChange", "EntityTypeCreate", "DetailTypeChange"):
        assert schemas[name]["additionalProperties"] is False


def test_reading_and_writing_ask_for_the_token(schema: Any) -> None:
    for call, operation in operations(schema).items():
        if call != "POST /api/v1/auth/tokens":
            assert operation["security"] == [{"token": []}], call


def test_every_write_takes_a_key_but_that_which_makes_secrets(schema: Any) -> None:
    for call, operation in operations(schema).items():
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        repeatable = call.startswith(("POST", "PATCH")) and "/auth/" not in call
        assert ("Idempotency-Key" in names) == repeatable, call
        assert ("422" in operation["responses"]) == repeatable, call
