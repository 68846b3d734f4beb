"""/metrics is open to whoever has a token, whatever their role."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from auth.models import User


@pytest.mark.parametrize("accept", ["*/*", "text/plain;version=0.0.4", "text/html"])
def test_prometheus_reads_them_with_a_token(
    ada: User, client_of: Callable[[User], APIClient], accept: str
) -> None:
    answer = client_of(ada).get("/metrics", HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert "django_http_requests_before_middlewares_total" in answer.content.decode()
