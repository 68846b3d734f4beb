"""The secrets of a compose project: generated at its first start, kept in its volumes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from core.local.database import APPLICATION, NAME, OWNER

HOST = "db:5432"


def write_secrets(owner: Path, application: Path) -> None:
    """Write ``env`` into both directories: all secrets for the owner, its own for the services.

    What ``owner`` holds already stays, so it may be called at every start. ``owner`` also gets
    the superuser's password in a file of its own, for the database's container.
    """
    values = _read(owner / "env") or _generated()
    _write(owner / "env", _lines(values))
    _write(owner / "superuser", values["SUPERUSER_PASSWORD"])
    known = ("SECRET_KEY", "DATABASE_URL")
    _write(application / "env", _lines({name: values[name] for name in known}))


def _generated() -> dict[str, str]:
    superuser, owner, application = (secrets.token_urlsafe(32) for _ in range(3))
    return {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "SUPERUSER_PASSWORD": superuser,
        "DATABASE_SUPERUSER_URL": f"postgres://postgres:{superuser}@{HOST}/postgres",
        "DATABASE_OWNER_URL": f"postgres://{OWNER}:{owner}@{HOST}/{NAME}",
        "DATABASE_URL": f"postgres://{APPLICATION}:{application}@{HOST}/{NAME}",
    }


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _write(file: Path, text: str) -> None:
    draft = file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.rename(file)
