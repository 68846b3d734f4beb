"""What any client of HTTP may expect of every path of either service."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

PAGES = ("/schema", "/docs", "/redoc")
HEALTH = ("/health/live", "/health/ready")
CALLS = ("/api/v1/auth/tokens", "/api/v1/audit")


@pytest.fixture(params=["cockpit", "entities"], autouse=True)
def service(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.ROOT_URLCONF = f"{request.param}.config.urls"
    return str(request.param)


@pytest.fixture
def client() -> Client:
    return Client(enforce_csrf_checks=True)


def problem(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:cockpit:problem:{code}"


@pytest.mark.parametrize("path", [*PAGES, *HEALTH])
def test_what_is_only_read_is_only_read(client: Client, path: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "FOO"):
        answer = client.generic(method, path, b"{}", content_type="application/json")
        problem(answer, 405, "method_not_allowed")
        assert answer["Allow"] == "GET, HEAD, OPTIONS"
    told = client.options(path)
    assert (told.status_code, told.content, told["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", [*PAGES, *HEALTH])
def test_a_head_is_a_get_without_its_body(client: Client, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert (head["Content-Type"], get.status_code) == (get["Content-Type"], 200)


@pytest.mark.parametrize("path", ["/schema", "/docs", "/redoc"])
def test_what_a_page_cannot_be_is_told_as_a_problem(client: Client, path: str) -> None:
    problem(client.get(path, headers={"Accept": "image/png"}), 406, "not_acceptable")


@pytest.mark.parametrize("path", CALLS)
def test_without_a_token_a_problem(client: Client, path: str) -> None:
    problem(client.get(path), 401, "not_authenticated")
    assert client.get(path)["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("charset", ["latin1", "utf-16", "nonsense"])
def test_json_is_utf_8(client: Client, charset: str) -> None:
    kind = f"application/json; charset={charset}"
    answer = client.generic("POST", "/api/v1/auth/tokens", b"{}", content_type=kind)
    problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "utf8"])
def test_which_may_be_said(client: Client, charset: str) -> None:
    kind = f"application/json; charset={charset}"
    answer = client.generic("POST", "/api/v1/auth/tokens", b"{}", content_type=kind)
    problem(answer, 400, "invalid_request")


def test_an_address_is_utf_8(client: Client) -> None:
    problem(client.get("/api/v1/auth/tokens?q=%ff"), 401, "not_authenticated")
    answer = client.post("/api/v1/auth/tokens?q=%ff", b"{}", content_type="application/json")
    problem(answer, 400, "invalid_request")
    assert answer.json()["errors"][0]["code"] == "not_utf8"


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/auth/tokens/", "/api/v2"])
def test_an_unknown_path(client: Client, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        problem(client.generic(method, path), 404, "unknown_path")
