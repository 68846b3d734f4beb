"""Who PostgreSQL runs as: it refuses root, so root steps down to an unprivileged user."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.local.errors import LocalError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int

    def subprocess_options(self) -> dict[str, Any]:
        """What ``subprocess`` needs to run something as this user, files for nobody else."""
        if self.uid == os.geteuid():
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def can_enter(self, directory: Path) -> bool:
        """Whether this user reaches what lies in ``directory``, however deep it stands."""
        real = directory.resolve()
        return all(self._may_search(step.stat()) for step in (real, *real.parents))

    def _may_search(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)

    def take(self, path: Path) -> None:
        """Give ``path`` to this user, and to no other."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)


def for_postgres() -> Account:
    """The user that runs this process, or the unprivileged one where that is root."""
    if os.geteuid() != 0:
        uid = os.geteuid()
        return Account(_name(uid), uid, os.getegid())
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise LocalError(
            f"PostgreSQL does not run as root, and this machine has no user {UNPRIVILEGED!r} "
            f"to run it as: run as an ordinary user, or set DATABASE_URL."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def owner_name(path: Path) -> str:
    """The name of the user whom ``path`` belongs to."""
    return _name(path.stat().st_uid)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
