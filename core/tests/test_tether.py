"""Declarations of apps: read with and without Django, and found where they lie."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.env import ROOT
from core.tether import address, built_apps, declarations, probe_address

UNTOUCHED = """
from core.tether import declarations
(app,) = declarations(["entities"])
print(app.declared_slug(), app.title, app.port)
from django.conf import settings
assert not settings.configured
"""


def test_a_declaration_is_read_without_setting_up_django() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNTOUCHED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "entities Entities 8001\n"), done.stderr


def test_a_package_without_a_declaration_is_named() -> None:
    with pytest.raises(LookupError, match=r"core\.apps declares no TetheredAppConfig"):
        declarations(["core"])


@pytest.mark.parametrize(
    ("environ", "people", "probe"),
    [
        ({}, "http://localhost:8001", "http://localhost:8001"),
        ({"ENTITIES_PORT": "9001"}, "http://localhost:9001", "http://localhost:9001"),
        ({"ENTITIES_URL": "https://a.example/"}, "https://a.example", "https://a.example"),
        (
            {"ENTITIES_URL": "https://a.example", "ENTITIES_PROBE_URL": "http://entities:8001"},
            "https://a.example",
            "http://entities:8001",
        ),
    ],
)
def test_addresses_follow_the_settings(environ: dict[str, str], people: str, probe: str) -> None:
    assert address("entities", 8001, environ) == people
    assert probe_address("entities", 8001, environ) == probe


def test_apps_are_found_where_they_lie(tmp_path: Path) -> None:
    for package, text in {
        "risk": 'class RiskConfig(TetheredAppConfig):\n    title = "Market risk"\n',
        "more/desk": 'class D(tether.TetheredAppConfig):\n    label = "front"\n',
        "plain": "class PlainConfig(AppConfig):\n    pass\n",
        "risk/tests": "class T(TetheredAppConfig):\n    pass\n",
        ".venv/x": "class X(TetheredAppConfig):\n    pass\n",
    }.items():
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "apps.py").write_text(text)

    assert sorted(built_apps(tmp_path)) == [
        ("more.desk", "front", "Desk"),
        ("risk", "risk", "Market risk"),
    ]
