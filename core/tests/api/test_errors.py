import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404
from psycopg import errors as pg
from rest_framework import exceptions
from rest_framework.test import APIClient

from core.api.problems import FieldError, Problem, invalid
from core.models.scd2.exceptions import (
    DirectWriteError,
    InvalidChange,
    LaterChange,
    NotSettled,
    RowsMoved,
    UnknownReference,
)
from core.tests.api.harbour import BrokenView

PREFIX = "urn:cockpit:problem:"


def ask(client: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception) -> Any:
    """What the example API answers where ``error`` is raised."""
    monkeypatch.setattr(BrokenView, "error", error)
    client.raise_request_exception = False
    response = client.get("/api/v1/broken")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == response.status_code
    return response


def test_a_problem_has_every_member(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    error = invalid([FieldError("a", "wrong", "A is wrong."), FieldError("b", "bad", "B is bad.")])
    response = ask(client, monkeypatch, error)
    assert response.status_code == 400
    assert response.json() == {
        "type": "urn:cockpit:problem:invalid_request",
        "title": "The request is not valid",
        "status": 400,
        "detail": "a: A is wrong. (1 more under errors.)",
        "instance": "/api/v1/broken",
        "errors": [
            {"field": "a", "code": "wrong", "detail": "A is wrong."},
            {"field": "b", "code": "bad", "detail": "B is bad."},
        ],
    }


def caused_by(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Http404(), (404, "not_found", "There is no such thing.")),
        (PermissionDenied(), (403, "permission_denied", "This is not allowed to you.")),
        (exceptions.NotFound("Gone."), (404, "not_found", "Gone.")),
        (exceptions.ParseError("Bad."), (400, "malformed_body", "Bad.")),
        (RequestDataTooBig(), (413, "body_too_large", "The body is too large.")),
        (
            SuspiciousOperation("internals"),
            (400, "invalid_request", "The request is refused: its head is not valid."),
        ),
        (Problem(418, "teapot", "Short and stout."), (418, "teapot", "Short and stout.")),
        (LaterChange("There is more."), (409, "later_change", "There is more.")),
        (NotSettled("Not now."), (503, "not_settled", "Not now.")),
        (RowsMoved("Moved."), (503, "rows_moved", "Moved.")),
        (
            OperationalError("connection to server at 10.0.0.1 failed"),
            (503, "unavailable", "The database cannot be reached; try again."),
        ),
        (
            InterfaceError("connection already closed"),
            (503, "unavailable", "The connection to the database was lost; try again."),
        ),
        (
            caused_by(OperationalError("secret"), pg.QueryCanceled("secret")),
            (503, "busy", "The statement took too long and was cancelled."),
        ),
    ],
)
def test_what_went_wrong_is_told(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception, told: tuple[int, str, str]
) -> None:
    response = ask(client, monkeypatch, error)
    answer = response.json()
    code = answer["type"].removeprefix(PREFIX)
    assert (response.status_code, code, answer["detail"]) == told
    assert answer["errors"] == []
    assert response.get("Retry-After") == ("1" if response.status_code == 503 else None)


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (
            InvalidChange("It ends too early.", field="valid_to"),
            {"field": "valid_to", "code": "invalid_change", "detail": "It ends too early."},
        ),
        (
            UnknownReference("No such flag.", field="flag", value="XX"),
            {"field": "flag", "code": "unknown_reference", "detail": "No such flag."},
        ),
        (
            exceptions.ValidationError({"details": {"EMAIL": ["No."]}}),
            {"field": "details.EMAIL", "code": "invalid", "detail": "No."},
        ),
        (
            exceptions.ValidationError({"non_field_errors": ["No."]}, code="odd"),
            {"field": "", "code": "odd", "detail": "No."},
        ),
    ],
)
def test_what_is_wrong_with_a_field_is_a_400_that_names_it(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, error: Exception, named: Any
) -> None:
    response = ask(client, monkeypatch, error)
    assert response.status_code == 400
    assert response.json()["type"] == PREFIX + "invalid_request"
    assert response.json()["errors"] == [named]


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("a secret"),
        DirectWriteError("a secret"),
        caused_by(DatabaseError("a secret"), pg.SyntaxError("a secret")),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
def test_a_mistake_of_ours_tells_its_request_id_alone(
    client: APIClient,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    error: Exception,
    debug: bool,
) -> None:
    settings.DEBUG = debug
    response = ask(client, monkeypatch, error)
    assert response.json() == {
        "type": PREFIX + "unexpected",
        "title": "Something unexpected went wrong",
        "status": 500,
        "detail": "This is a mistake of the service. It has been logged under the request id.",
        "instance": "/api/v1/broken",
        "errors": [],
        "request_id": response["X-Request-ID"],
    }


def test_a_mistake_of_ours_is_logged_with_its_trace(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error = RuntimeError("a secret")
    ask(client, monkeypatch, error)
    logged: list[Any] = [
        record.msg for record in caplog.records if record.name == "core.api.errors"
    ]
    assert [(event["event"], event["exc_info"]) for event in logged] == [
        ("unexpected_error", error)
    ]


def test_who_is_not_known_gets_a_401(client: APIClient) -> None:
    client.force_authenticate(None)
    response = client.get("/api/v1/flags")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Token"
    assert response.json()["type"] == PREFIX + "not_authenticated"


@pytest.mark.parametrize("header", ["Token nonsense", "Token", "Token a b", "Token \xff"])
def test_a_bad_token_is_a_401(client: APIClient, header: str) -> None:
    client.force_authenticate(None)
    response = client.get("/api/v1/flags", headers={"Authorization": header})
    assert response.status_code == 401
    assert response.json()["type"] == PREFIX + "authentication_failed"


def test_who_has_no_role_gets_a_403(client: APIClient, django_user_model: Any) -> None:
    client.force_authenticate(django_user_model.objects.create(username="nobody"))
    response = client.get("/api/v1/flags")
    assert response.status_code == 403
    assert response.json()["type"] == PREFIX + "permission_denied"
    assert response.json()["detail"] == "Your role does not allow this."


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/flags/", "/api/", "/nothing"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_path_is_a_problem(client: APIClient, path: str, method: str) -> None:
    response = getattr(client, method)(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": PREFIX + "unknown_path",
        "title": "There is no such path",
        "status": 404,
        "detail": f"There is no path {path} here.",
        "instance": path,
        "errors": [],
    }


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("delete", "/api/v1/flags", "GET, POST, HEAD, OPTIONS"),
        ("put", "/api/v1/flags/DE", "GET, PATCH, HEAD, OPTIONS"),
        ("post", "/api/v1/flags/DE?odd=1", "GET, PATCH, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_is_not_there_is_a_405(
    client: APIClient, method: str, path: str, allowed: str
) -> None:
    response = getattr(client, method)(path)
    assert response.status_code == 405
    assert response["Allow"] == allowed
    assert response.json()["type"] == PREFIX + "method_not_allowed"


def test_options_tells_the_methods(client: APIClient) -> None:
    response = client.options("/api/v1/flags")
    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_head_is_get_without_a_body(client: APIClient, flags: list[str]) -> None:
    shown, head = client.get("/api/v1/flags/DE"), client.head("/api/v1/flags/DE")
    assert (head.status_code, head.content) == (200, b"")
    assert (head["ETag"], head["Content-Type"]) == (shown["ETag"], "application/json")


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
def test_an_answer_that_is_not_json_is_a_406(client: APIClient, accept: str) -> None:
    response = client.get("/api/v1/flags", headers={"Accept": accept})
    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == PREFIX + "not_acceptable"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "nonsense"])
def test_a_body_that_is_not_json_is_a_415(client: APIClient, kind: str) -> None:
    response = client.generic("POST", "/api/v1/flags", "code=XX", content_type=kind)
    assert response.status_code == 415
    assert response.json()["type"] == PREFIX + "unsupported_media_type"


def test_a_body_that_is_too_large_is_a_413(client: APIClient) -> None:
    large = '{"code": "' + "X" * (10 * 1024 * 1024) + '"}'
    response = client.generic("POST", "/api/v1/flags", large, content_type="application/json")
    assert response.status_code == 413
    assert response.json()["type"] == PREFIX + "body_too_large"


def test_a_body_in_chunks_is_a_411_and_not_an_empty_change(
    client: APIClient, flags: list[str]
) -> None:
    headers: Any = {"HTTP_TRANSFER_ENCODING": "chunked"}
    response = client.generic("PATCH", "/api/v1/flags/DE", "", **headers)
    assert response.status_code == 411
    assert response.json()["type"] == PREFIX + "length_required"


def test_a_host_that_is_not_ours_is_a_400(client: APIClient) -> None:
    response = client.get("/api/v1/flags", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert response.json()["type"] == PREFIX + "invalid_request"


def test_the_request_id_is_taken_or_made(client: APIClient) -> None:
    taken = client.get("/api/v1/flags", headers={"X-Request-ID": "abc-123"})
    assert taken["X-Request-ID"] == "abc-123"
    uuid4 = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
    for odd in ("", "a b", "x" * 129, "ü"):
        made = client.get("/api/v1/flags", headers={"X-Request-ID": odd})
        assert uuid4.fullmatch(made["X-Request-ID"])
