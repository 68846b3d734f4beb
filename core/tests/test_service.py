"""/health/live, /health/ready, and what else stands at the root."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from core import __version__
from core.env import ROOT

NOWHERE = """
import django; django.setup()
from django.test import Client
for path in ("/health/live", "/health/ready"):
    answer = Client(HTTP_HOST="localhost").get(path)
    print(answer.status_code, answer.content.decode())
"""


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "word"), [("/health/live", "live"), ("/health/ready", "ready")])
def test_a_service_in_order_says_so_to_anybody(path: str, word: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": word} | ({"version": __version__} if word == "ready" else {}),
    )
    assert answer["Cache-Control"] == "no-store"
    assert Client().post(path).status_code == 405


@pytest.mark.django_db
def test_a_service_is_not_ready_before_its_migrations() -> None:
    MigrationRecorder(connection).record_unapplied("cockpit_auth", "0002_roles")
    answer = Client().get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "version": __version__,
        "detail": "Migrations not yet applied: 1.",
    }
    assert Client().get("/health/live").status_code == 200


def test_a_service_without_its_database_lives_and_is_not_ready() -> None:
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cockpit.config.settings",
        "DATABASE_URL": "postgres://ada:p@127.0.0.1:1/crm",
        "DATABASE_OWNER_URL": "",
        "TLS": "false",
        "ALLOWED_HOSTS": "localhost",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", NOWHERE], env=environ, capture_output=True, text=True, check=True
    )
    away = {
        "status": "unavailable",
        "version": __version__,
        "detail": "The database does not answer.",
    }
    assert done.stdout.splitlines() == [
        '200 {"status": "live"}',
        f"503 {json.dumps(away)}",
    ]


@pytest.mark.django_db
def test_metrics_ask_for_a_token() -> None:
    answer = Client().get("/metrics")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_static_files_are_served_by_the_service() -> None:
    answer = Client().get("/static/unfold/css/styles.css")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/css")
    answer.close()
