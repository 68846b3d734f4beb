"""A column is added in one place, and yesterday's calls, cursors and exports go on working."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.local.home import ROOT
from core.tests.databases import CommittedDatabase

pytestmark = pytest.mark.slow
SCRIPT = """
import django, json
django.setup()
from core.tests.registers.added_column import yesterday
print(json.dumps(yesterday.{}(), default=str))
"""
MODELS = """
from typing import ClassVar

from django.db import models

from core.models.scd2.model import AnchorModel, VersionedModel
from core.models.scd2.versioning import Versioning


class ShipAnchor(AnchorModel):
    uuid = models.UUIDField(primary_key=True)


class Ship(VersionedModel):
    uuid = models.UUIDField()
    name = models.TextField()
    built = models.DateField(null=True)

    versioning: ClassVar = Versioning(
        key=("uuid",), tracked=("name", "built"), anchor=ShipAnchor, service="fleet.ship_update"
    )
"""
MORE = """
    region = models.TextField(null=True)
    grade = models.IntegerField(default=1)
"""
SETTINGS = """
from cockpit.config.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "fleet"]
"""
UNCHANGED = {"opened": 0, "closed": 0, "superseded": 0}
COLUMN = {"region": None, "grade": 1}


class Fleet:
    """An app of one model, in a directory of its own."""

    def __init__(self, place: Path, database: CommittedDatabase) -> None:
        self.package = place / "fleet"
        (self.package / "migrations").mkdir(parents=True)
        for name in ("__init__.py", "migrations/__init__.py"):
            (self.package / name).touch()
        (place / "fleet_settings.py").write_text(SETTINGS)
        self.environ = {
            **os.environ,
            "PYTHONPATH": f"{place}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "fleet_settings",
            "DATABASE_URL": database.url,
            "DATABASE_OWNER_URL": database.owner_url,
            "TLS": "false",
        }

    def migrate(self, models: str) -> str:
        """Write the models, have their migration written, and run it."""
        (self.package / "models.py").write_text(models)
        self.call("manage.py", "makemigrations", "fleet", "--no-input")
        self.call("manage.py", "migrate", "--verbosity=0")
        latest = max((self.package / "migrations").glob("0*.py"))
        return latest.read_text()

    def call(self, *command: str) -> str:
        answer = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def tell(self, phase: str) -> Any:
        return json.loads(self.call("-c", SCRIPT.format(phase)))


def test_yesterdays_calls_cursors_and_exports_go_on_working(
    tmp_path: Path, committed_db: CommittedDatabase
) -> None:
    fleet = Fleet(tmp_path, committed_db)
    fleet.migrate(MODELS)
    yesterday = fleet.tell("first")
    assert [ship["name"] for ship in yesterday["page"]] == ["Argo II", "Beagle II"]

    built = "    built = models.DateField(null=True)\n"
    more = MODELS.replace(built, built + MORE)
    written = fleet.migrate(
        more.replace('("name", "built")', '("name", "built", "region", "grade")')
    )
    assert written.count("migrations.AddField") == 2
    assert written.count("RetrackVersioned") == 1

    today = fleet.tell("again")
    assert [without(one) for one in today["before"]["page"]] == [
        without(one) for one in yesterday["page"]
    ]
    assert today["before"]["page"][0].items() >= COLUMN.items()
    assert [without(one) for one in today["before"]["snapshots"]] == [
        without(one) for one in yesterday["snapshots"]
    ]
    assert [without(one) for one in today["before"]["history"]] == [
        without(one) for one in yesterday["history"]
    ]
    assert len(today["before"]["export"]) == len(yesterday["export"]) == 3
    assert today["next"] == ["Cutty"]
    for outcome in today["repeated"]:
        assert outcome.items() >= UNCHANGED.items()
        assert outcome["unchanged"] > 0
    assert [(ship["region"], ship["grade"]) for ship in today["filled"]] == [
        (None, 1),
        *[("north", 5)] * 2,
    ]
    [changed] = today["diff"]
    fields = json.loads(changed["fields"])
    assert (fields["region"]["before"], fields["region"]["after"]) == (None, "north")
    assert (fields["grade"]["before"], fields["grade"]["after"]) == (1, 5)


def without(thing: dict[str, Any]) -> dict[str, Any]:
    """What was there yesterday; the hash is over all columns, the new ones included."""
    return {name: value for name, value in thing.items() if name not in (*COLUMN, "hash_diff")}
