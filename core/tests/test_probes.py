"""Probing the services of apps, each a real one on a port of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from core import probes
from core.models import AppHealth, AppStatus
from core.probes import Probe, probe, probe_apps, probe_if_due, store
from core.tests.services import free_port


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_service_that_is_ready_is_up() -> None:
    with answering(200, b'{"status": "ready", "version": "1.2"}') as base:
        answer = probe(base)

    assert answer[:3] == (AppStatus.UP, "", "1.2")
    assert answer.latency_ms is not None
    assert 0 < answer.latency_ms < 1000 * probes.PATIENCE


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"detail": "Migrations not yet applied: 1."}', "Migrations not yet applied: 1."),
        (b"<html>", "It answers with status 503."),
        (b"[1]", "It answers with status 503."),
    ],
)
def test_a_service_that_cannot_serve_is_not_ready(body: bytes, detail: str) -> None:
    with answering(503, body) as base:
        assert probe(base)[:2] == (AppStatus.UNREADY, detail)


def test_a_service_that_is_not_there_is_down() -> None:
    base = f"http://127.0.0.1:{free_port()}"

    answer = probe(base)

    assert (answer.status, answer.latency_ms) == (AppStatus.DOWN, None)
    assert answer.detail == f"No answer from {base}: Connection refused."


def test_an_address_that_is_none_is_down() -> None:
    assert probe("nowhere").status == AppStatus.DOWN


@pytest.mark.django_db
def test_what_was_last_seen_stays_when_a_service_goes_away() -> None:
    store("entities", Probe(AppStatus.UP, "", "1.2", 3.5))
    seen = AppHealth.objects.get(slug="entities")
    store("entities", Probe(AppStatus.DOWN, "Gone."))

    gone = AppHealth.objects.get(slug="entities")
    assert (gone.status, gone.detail) == (AppStatus.DOWN, "Gone.")
    assert (gone.version, gone.latency_ms, gone.last_seen) == ("1.2", 3.5, seen.last_seen)
    assert gone.checked_at > seen.checked_at


@pytest.mark.django_db
def test_every_app_is_probed_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(200, b'{"version": "1.2"}') as base:
        monkeypatch.setenv("ENTITIES_PROBE_URL", base)
        probe_apps()

    health = AppHealth.objects.get(slug="entities")
    assert (health.status, health.version) == (AppStatus.UP, "1.2")
    assert set(health.counts) == {"entities", "entity types", "detail types"}
    assert health.counts["entities"] == 0


@pytest.mark.django_db
def test_nobody_probes_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(base: str) -> Probe:
        asked.append(base)
        return Probe(AppStatus.UP, "", "1", 1.0)

    monkeypatch.setattr(probes, "probe", answer)
    probe_if_due()
    probe_if_due()
    assert len(asked) == 1

    AppHealth.objects.update(checked_at=timezone.now() - timedelta(minutes=1))
    probe_if_due()
    assert len(asked) == 2
