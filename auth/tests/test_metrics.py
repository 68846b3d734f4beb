"""/metrics is open to whoever has a token, whatever their role."""

from collections.abc import Callable
from pathlib import Path

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


def test_what_the_database_tells_is_there_whoever_counts(
    ada: User,
    client_of: Callable[[User], APIClient],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Also where processes put their counts together, which leaves out whatever is not counted."""
    names = ("cockpit_workers 0.0", 'cockpit_batches{state="queued"} 0.0')
    alone = client_of(ada).get("/metrics").content.decode()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))

    together = client_of(ada).get("/metrics").content.decode()

    for name in names:
        assert name in alone
        assert together.count(name) == 1
