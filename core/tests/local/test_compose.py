"""The secrets of a compose project."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.local.compose import write_secrets


@pytest.fixture
def volumes(tmp_path: Path) -> tuple[Path, Path]:
    owner, application = tmp_path / "owner", tmp_path / "app"
    owner.mkdir()
    application.mkdir()
    write_secrets(owner, application)
    return owner, application


def values(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_the_application_learns_nothing_of_the_owner(volumes: tuple[Path, Path]) -> None:
    owner, application = (values(volume / "env") for volume in volumes)

    assert set(application) == {"SECRET_KEY", "DATABASE_URL"}
    assert application.items() <= owner.items()
    assert application["DATABASE_URL"].startswith("postgres://cockpit_app:")
    assert owner["DATABASE_OWNER_URL"].startswith("postgres://cockpit_owner:")
    assert owner["DATABASE_OWNER_URL"].endswith("@db:5432/cockpit")


def test_the_superusers_password_is_that_of_its_address(volumes: tuple[Path, Path]) -> None:
    password = (volumes[0] / "superuser").read_text()

    assert values(volumes[0] / "env")["DATABASE_SUPERUSER_URL"] == (
        f"postgres://postgres:{password}@db:5432/postgres"
    )


def test_files_are_for_their_owner_alone(volumes: tuple[Path, Path]) -> None:
    files = [file for volume in volumes for file in volume.iterdir()]

    assert sorted(file.name for file in files) == ["env", "env", "superuser"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_the_next_start_changes_nothing(volumes: tuple[Path, Path]) -> None:
    before = [(volume / "env").read_text() for volume in volumes]

    write_secrets(*volumes)

    assert [(volume / "env").read_text() for volume in volumes] == before


def test_no_two_projects_share_a_secret(volumes: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "a").mkdir()
    write_secrets(tmp_path / "o", tmp_path / "a")

    one, other = values(volumes[0] / "env"), values(tmp_path / "o" / "env")
    assert set(one) == set(other)
    assert set(one.values()).isdisjoint(other.values())
