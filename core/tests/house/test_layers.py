"""The import rules hold something: what they forbid is found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.local.home import ROOT

LINT = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("core", "auth", "cockpit", "entities")
ALLOWED = {
    "core.settings": "auth.conf",
    "core.tests.settings": "cockpit.config.settings",
    "entities.services": "core.models.scd2.engine",
    "entities.v1.views": "rest_framework",
}
FORBIDDEN = {
    "core.models": "auth.roles",
    "core.ingest": "core.api",
    "core.control": "core.ingest",
    "core.datetimes": "core.models",
    "auth.roles": "entities.models",
    "cockpit.services": "entities.services",
    "entities.v1": "cockpit.config",
    "entities.models": "entities.services",
    "entities.selectors": "entities.v1",
    "entities.services": "rest_framework",
    "entities.v1.views": "core.models.scd2.engine",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the modules of this one, all empty, under its rules."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for file in (file for package in PACKAGES for file in (ROOT / package).rglob("*.py")):
        empty = tmp_path / file.relative_to(ROOT)
        empty.parent.mkdir(parents=True, exist_ok=True)
        empty.touch()
    for importer, imported in ALLOWED.items():
        home_of(tmp_path, importer).write_text(f"import {imported}\n")
    return tmp_path


def home_of(project: Path, module: str) -> Path:
    """The file of ``module``."""
    path = project / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def lint(project: Path) -> tuple[int, str]:
    answer = subprocess.run(
        [LINT, "--no-cache"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout + answer.stderr


def test_what_is_allowed_breaks_nothing(project: Path) -> None:
    code, said = lint(project)

    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize("importer", FORBIDDEN)
def test_an_import_against_the_rules_is_found(project: Path, importer: str) -> None:
    imported = FORBIDDEN[importer]
    home_of(project, importer).write_text(f"import {imported}\n")

    code, said = lint(project)

    assert code == 1, said
    assert f"{importer} -> {imported}" in said
