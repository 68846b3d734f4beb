"""The directory in which a checkout keeps what it makes for itself: ``COCKPIT_HOME``."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from core.local.errors import LocalError

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT = ".local"


def _secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Secrets:
    """The passwords of the three database roles, and Django's key."""

    superuser: str = field(default_factory=_secret, repr=False)
    owner: str = field(default_factory=_secret, repr=False)
    application: str = field(default_factory=_secret, repr=False)
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)


@dataclass(frozen=True)
class Home:
    """``COCKPIT_HOME``, by default ``.local`` in the checkout."""

    path: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Home:
        """The place that ``environ`` names; a relative one begins at the checkout."""
        return cls(ROOT / Path(environ.get("COCKPIT_HOME", "").strip() or DEFAULT).expanduser())

    @property
    def postgres(self) -> Path:
        """Where the database files are, or a link to where they are."""
        return self.path / "postgres"

    @property
    def logs(self) -> Path:
        """Where every process writes its own log."""
        return self.path / "logs"

    @property
    def server_log(self) -> Path:
        """The log of the local PostgreSQL."""
        return self.logs / "postgres.log"

    @property
    def lock(self) -> Path:
        """Held while the database is made and started."""
        return self.path / "database.lock"

    @property
    def up_lock(self) -> Path:
        """Held as long as ``make up`` runs."""
        return self.path / "up.lock"

    @property
    def secrets_file(self) -> Path:
        """The generated secrets, readable by their owner alone."""
        return self.path / "secrets" / "secrets.json"

    @property
    def login_file(self) -> Path:
        """How the first operator logs in, until that was shown; readable by its owner alone."""
        return self.secrets_file.with_name("first_login.json")

    def open(self) -> Home:
        """Make the directories. Raises LocalError where that is not possible."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # Statements that fail are there with their values.
            self.logs.mkdir(mode=0o700, exist_ok=True)
            self.secrets_file.parent.mkdir(mode=0o700, exist_ok=True)
            self.lock.touch()
            self.up_lock.touch()
        except OSError as error:
            raise LocalError(
                f"{self.path} cannot be written ({error.strerror}): "
                f"set COCKPIT_HOME to a directory that can."
            ) from error
        return self

    def known_secrets(self) -> Secrets | None:
        """The secrets of an earlier run, if there was one. Raises LocalError if unreadable."""
        try:
            return Secrets(**json.loads(self.secrets_file.read_text()))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise LocalError(f"The secrets in {self.secrets_file} cannot be read.") from error

    def secrets(self) -> Secrets:
        """The secrets, generated on the first call; call it under ``lock``."""
        return self.known_secrets() or self._generate()

    def unshown_login(self) -> dict[str, str]:
        """The first operator's credentials that nobody has seen yet; empty if there are none."""
        try:
            login: dict[str, str] = json.loads(self.login_file.read_text())
        except FileNotFoundError:
            return {}
        return login

    def keep_login(self, login: Mapping[str, str]) -> None:
        """Keep credentials until they are shown: the run may end before it comes to that."""
        write_secret(self.login_file, login)

    def forget_login(self) -> None:
        """Called when the credentials were shown."""
        self.login_file.unlink(missing_ok=True)

    def _generate(self) -> Secrets:
        generated = Secrets()
        write_secret(self.secrets_file, asdict(generated))
        return generated


def write_secret(path: Path, content: Mapping[str, str]) -> None:
    """Write JSON that its owner alone may read: all of it or nothing."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(dict(content), file)
    draft.rename(path)
