"""What the cockpit says of its calls."""

from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db

BATCHES = {
    "GET /api/v1/batches": "batches_list",
    "POST /api/v1/batches": "batches_upload",
    "GET /api/v1/batches/{batch_id}": "batches_retrieve",
    "POST /api/v1/batches/{batch_id}/apply": "batches_apply",
    "POST /api/v1/batches/{batch_id}/cancel": "batches_cancel",
    "GET /api/v1/batches/{batch_id}/rejects": "batches_rejects",
    "GET /api/v1/batches/{batch_id}/report": "batches_report",
}


@pytest.fixture
def operations() -> dict[str, Any]:
    schema = APIClient().get("/schema").json()
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if "/batches" in path
    }


def test_every_call_has_a_name(operations: dict[str, Any]) -> None:
    assert {call: said["operationId"] for call, said in operations.items()} == BATCHES


def test_nothing_of_the_description_was_guessed(capsys: pytest.CaptureFixture) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True)
    captured = capsys.readouterr()
    assert captured.out.startswith("openapi: 3.0.3")
    assert captured.err == ""


def test_every_call_is_told_by_an_example(operations: dict[str, Any]) -> None:
    for call, operation in operations.items():
        assert operation["summary"], call
        assert operation["description"], call
        for status in ("200", "202"):
            for content in operation["responses"].get(status, {}).get("content", {}).values():
                assert content["examples"], call


def test_a_file_comes_in_a_form(operations: dict[str, Any]) -> None:
    (form,) = operations["POST /api/v1/batches"]["requestBody"]["content"].items()
    assert form[0] == "multipart/form-data"
    assert form[1]["examples"]
