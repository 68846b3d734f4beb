"""DDL that Django has no words for, one named file a function or trigger.

A file is frozen once a migration that loads it has been released: what changes gets a new file,
and the migration pins the digest of what it loads, so an edit by mistake stops the migration.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.db import migrations

HERE = Path(__file__).parent


@cache
def read_sql(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def digest(name: str) -> str:
    """The first sixteen hex digits of the file's SHA-256."""
    return hashlib.sha256(read_sql(name).encode()).hexdigest()[:16]


class LoadSQL(migrations.RunSQL):
    """Run one file of this folder. Raises ValueError if it is not the file that was pinned."""

    def __init__(self, name: str, pinned: str, reverse: str = migrations.RunSQL.noop) -> None:
        if digest(name) != pinned:
            raise ValueError(
                f"core/sql/{name} is not the file this migration was written for "
                f"({digest(name)} instead of {pinned}). Frozen SQL is never edited: add a file."
            )
        super().__init__(sql=read_sql(name), reverse_sql=reverse)
        self._name, self._pinned, self._reverse = name, pinned, reverse

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self._name, self._pinned], {"reverse": self._reverse}

    def describe(self) -> str:
        return f"Load core/sql/{self._name}"
