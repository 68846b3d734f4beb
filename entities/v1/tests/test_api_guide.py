"""The examples of ``docs/api.md`` do what a reader expects of them: they are carried out."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auth.tests.conformance import token_of
from core.db import as_owner
from core.local.home import ROOT
from core.models.scd2 import Context
from core.tests.databases import CommittedDatabase
from core.tests.running import running
from entities import services
from entities.models import Entity
from entities.v1.tests.conftest import SYSTEM

GUIDE = ROOT / "docs" / "api.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A refusal ends the script, and says what it was.
PRELUDE = 'set -eu -o pipefail\ncurl() { command curl --fail-with-body "$@"; echo >&2; }\n'


def examples() -> str:
    """All examples in their order, but for the lines in which readers name their own service."""
    lines = "\n".join(BLOCK.findall(GUIDE.read_text(encoding="utf-8"))).splitlines()
    return "\n".join(line for line in lines if not line.startswith("export "))


def make_register() -> None:
    """What the examples take for granted of the bank registers, known since 2021."""

    def on(day: int) -> Context:
        return replace(SYSTEM, system_instant=datetime(2021, 1, day, tzinfo=UTC))

    with as_owner():
        services.entity_type_create(code="BANK", name="Bank", context=on(18))
        services.detail_type_create(code="BIC", name="BIC", data_type="text", context=on(19))
        services.entity_create(
            source="bank-register",
            source_id="DE:50010700",
            entity_type="BANK",
            display_name="Degussa Bank",
            details={"BIC": "DEGUDEFFXXX"},
            context=on(20),
        )


def paths_of(script: str) -> set[str]:
    return set(re.findall(r"\$API/([a-z-]+)", script))


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples are written for curl")
def test_every_example_is_carried_out(committed_db: CommittedDatabase, tmp_path: Path) -> None:
    make_register()
    with running("entities", tmp_path / "service.log") as address:
        done = subprocess.run(
            ["bash", "-c", PRELUDE + examples()],
            env={"API": f"{address}/api/v1", "TOKEN": token_of("steward"), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "304" in done.stdout
    names = set(Entity.objects.live().values_list("display_name", flat=True))
    assert names == {"Degussa Bank", "Nowhere Bank Ltd", "Nowhere Bank", "Bank of Nowhere"} | {
        "Bank of Somewhere",
        "First Bank",
    }


def test_there_is_an_example_of_every_kind_of_call() -> None:
    script = examples()
    assert paths_of(script) >= {"entities", "entities-asof", "diff", "detail-types"}
    assert all(f"-X {method}" in script for method in ("POST", "PATCH", "DELETE"))
