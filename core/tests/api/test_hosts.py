"""Monitors reach a service by any name; everything else by those that are allowed."""

from io import StringIO
from typing import Any

import pytest
from django.test import Client

from core.tests.test_logging import lines, written  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_public_name(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["crm.example.org"]


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "10.1.2.3", "entities:8001", "crm.example.org"])
@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_answers_whatever_the_host_is(path: str, host: str) -> None:
    assert Client(HTTP_HOST=host).get(path).status_code == 200


def test_metrics_ask_for_a_token_and_not_for_a_host() -> None:
    assert Client(HTTP_HOST="10.1.2.3:8001").get("/metrics").status_code == 401


@pytest.mark.parametrize("path", ["/api/v1", "/health/live/", "/docs"])
def test_other_paths_are_for_the_names_that_are_allowed(
    path: str,
    lines: StringIO,  # noqa: F811
) -> None:
    answer = Client(HTTP_HOST="evil.example").get(f"{path}?q=Lovelace")

    assert answer.status_code == 400
    (told,) = [e for e in written(lines) if e["logger"].startswith("django.security")]
    assert told["event"].startswith("Invalid HTTP_HOST header: 'evil.example'.")
    assert told["request"] == f"GET {path}"
    assert "exception" not in told
    assert "Traceback" not in lines.getvalue()
    assert "Lovelace" not in lines.getvalue()
