"""What ``manage.py`` and ``make up`` add to the environment that nobody set."""

from __future__ import annotations

import atexit
from collections.abc import MutableMapping

from core.local.database import Database, open_database
from core.local.errors import LocalError
from core.local.home import Home, Secrets


def prepare(environ: MutableMapping[str, str]) -> None:
    """Before Django is set up: complete ``environ`` so that there is a database and a key.

    Without ``DATABASE_URL`` this checkout's own database is used, and started for as long as this
    process lives unless another process of the checkout runs it already. With it nothing is
    started, and only the key of an earlier ``make up`` is remembered.
    Raises LocalError with what stands in the way.
    """
    if has_database(environ):
        if known := Home.of(environ).known_secrets():
            use_key(known, environ)
        return
    database = open_database(Home.of(environ))
    atexit.register(database.server.stop)
    use(database, environ)


def has_database(environ: MutableMapping[str, str]) -> bool:
    """Whether somebody named a database. Raises LocalError if they named only the owner's."""
    if environ.get("DATABASE_URL", "").strip():
        return True
    if environ.get("DATABASE_OWNER_URL", "").strip():
        raise LocalError(
            "DATABASE_OWNER_URL is set and DATABASE_URL is not: set both to use a server of "
            "yours, or neither to use the local one."
        )
    return False


def use(database: Database, environ: MutableMapping[str, str]) -> None:
    """Put the addresses of ``database`` and the key into ``environ``; plain HTTP is fine here."""
    environ["DATABASE_URL"] = database.url
    environ["DATABASE_OWNER_URL"] = database.owner_url
    use_key(database.secrets, environ)


def use_key(secrets: Secrets, environ: MutableMapping[str, str]) -> None:
    """Put the generated key into ``environ`` if none is set; plain HTTP is fine here."""
    for name, value in (("SECRET_KEY", secrets.secret_key), ("TLS", "false")):
        if not environ.get(name, "").strip():
            environ[name] = value
