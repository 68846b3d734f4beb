"""The files of one PostgreSQL: made once, recognised ever after."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from core.local import account as accounts
from core.local import binaries
from core.local.account import Account
from core.local.binaries import Binaries
from core.local.errors import LocalError
from core.local.server_log import reason_in

SUPERUSER = "postgres"
# Where the files go when the home lies where PostgreSQL's user cannot enter, such as /root.
ELSEWHERE = Path("/var/lib")


@dataclass(frozen=True)
class Cluster:
    """Database files, the programs and the user that serve them, and the superuser's password."""

    directory: Path
    binaries: Binaries
    account: Account
    password: str = field(repr=False)
    log: Path

    @classmethod
    def prepared(
        cls, directory: Path, password: str, log: Path, programs: Binaries | None = None
    ) -> Cluster:
        """The cluster in ``directory``, made if there is none; call it under the home's lock.

        Raises LocalError: files of another major version or another user, no programs.
        """
        account = accounts.for_postgres()
        place = _place(directory, account)
        programs = (programs or binaries.find()).readable_by(account, place)
        cluster = cls(place, programs, account, password, log)
        if not cluster.data.exists():
            cluster.create()
        cluster.check()
        return cluster

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.directory / "data"

    def check(self) -> None:
        """Raise LocalError unless these programs can serve these files."""
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(self.binaries.major):
            raise LocalError(
                f"The database files in {self.data} were made by PostgreSQL {made_by}, and this "
                f"is PostgreSQL {self.binaries.version}: move them away to begin anew, or set "
                f"COCKPIT_HOME to another directory."
            )

    def create(self) -> None:
        """Run ``initdb``; a run that is cut off leaves no half-made cluster behind."""
        draft = self.directory / "data.new"
        password_file = self.directory / "password.new"
        shutil.rmtree(draft, ignore_errors=True)
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(self.password)
            self.account.take(password_file)
            self._initdb(draft, password_file)
        finally:
            password_file.unlink()
        draft.rename(self.data)

    def _initdb(self, data: Path, password_file: Path) -> None:
        command = [
            str(self.binaries.directory / "initdb"),
            f"--pgdata={data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            *self.binaries.locale_options,
        ]
        made = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=environment(),
            cwd=self.directory,
            **self.account.subprocess_options(),
        )
        if made.returncode:
            shutil.rmtree(data, ignore_errors=True)
            reason = reason_in(made.stderr.splitlines())
            raise LocalError(f"PostgreSQL could not make its files in {self.directory}: {reason}")


def environment() -> dict[str, str]:
    """What PostgreSQL's programs see: nothing that would change what they do."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _place(directory: Path, account: Account) -> Path:
    if not directory.exists():
        _make(directory, account)
    real = directory.resolve()
    if real.stat().st_uid != account.uid:
        raise LocalError(
            f"The database files in {real} belong to {accounts.owner_name(real)}, not to "
            f"{account.name}, whom PostgreSQL would run as: run as the user who made them, or set "
            f"COCKPIT_HOME to another directory."
        )
    return real


def _make(directory: Path, account: Account) -> None:
    try:
        if account.can_enter(directory.parent):
            directory.mkdir(mode=0o700)
            account.take(directory)
            return
        elsewhere = Path(tempfile.mkdtemp(prefix="cockpit-postgres-", dir=ELSEWHERE))
        account.take(elsewhere)
        directory.unlink(missing_ok=True)
        directory.symlink_to(elsewhere)
    except OSError as error:
        raise LocalError(
            f"{account.name}, whom PostgreSQL runs as, cannot have files in {directory} "
            f"({error.strerror}): set COCKPIT_HOME to a directory that every user may enter."
        ) from error
