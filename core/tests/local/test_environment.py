"""What is added to the environment, and when nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.local.environment import prepare
from core.local.errors import LocalError
from core.local.home import DEFAULT, ROOT, Home


def test_with_a_database_of_yours_nothing_local_is_started(tmp_path: Path) -> None:
    given = {"DATABASE_URL": "postgres://a:b@c/d", "COCKPIT_HOME": str(tmp_path / "home")}
    environ = dict(given)

    prepare(environ)

    assert environ == given
    assert not (tmp_path / "home").exists()


def test_the_key_of_an_earlier_run_is_remembered(tmp_path: Path) -> None:
    home = Home(tmp_path).open()
    known = home.secrets()
    environ = {"DATABASE_URL": "postgres://a:b@c/d", "COCKPIT_HOME": str(tmp_path)}

    prepare(environ)

    assert environ["SECRET_KEY"] == known.secret_key
    assert environ["DATABASE_URL"] == "postgres://a:b@c/d"


def test_a_key_of_yours_stays(tmp_path: Path) -> None:
    Home(tmp_path).open().secrets()
    environ = {"DATABASE_URL": "postgres://a:b@c/d", "COCKPIT_HOME": str(tmp_path)}
    environ["SECRET_KEY"] = "mine"

    prepare(environ)

    assert environ["SECRET_KEY"] == "mine"


def test_the_owners_address_alone_is_an_error(tmp_path: Path) -> None:
    environ = {"DATABASE_OWNER_URL": "postgres://a:b@c/d", "COCKPIT_HOME": str(tmp_path / "home")}

    with pytest.raises(LocalError) as caught:
        prepare(environ)

    assert str(caught.value) == (
        "DATABASE_OWNER_URL is set and DATABASE_URL is not: set both to use a server of yours, or "
        "neither to use the local one."
    )
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, ROOT / DEFAULT),
        ({"COCKPIT_HOME": " "}, ROOT / DEFAULT),
        ({"COCKPIT_HOME": "other"}, ROOT / "other"),
        ({"COCKPIT_HOME": "/var/cockpit"}, Path("/var/cockpit")),
        ({"COCKPIT_HOME": "~/cockpit"}, Path.home() / "cockpit"),
    ],
)
def test_where_home_is(given: dict[str, str], path: Path) -> None:
    assert Home.of(given).path == path


def test_secrets_are_generated_once_and_differ(tmp_path: Path) -> None:
    home = Home(tmp_path / "one").open()
    first = home.secrets()
    other = Home(tmp_path / "other").open().secrets()

    assert home.secrets() == first
    values = {first.superuser, first.owner, first.application, first.secret_key}
    assert len(values) == 4
    assert values.isdisjoint({other.superuser, other.owner, other.application, other.secret_key})
    assert not any(value in repr(first) for value in values)


def test_broken_secrets_are_an_error(tmp_path: Path) -> None:
    home = Home(tmp_path).open()
    home.secrets_file.write_text("{")

    with pytest.raises(LocalError) as caught:
        home.secrets()

    assert str(caught.value) == f"The secrets in {home.secrets_file} cannot be read."
