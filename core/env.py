"""The environment that settings are read from: two files and the process, the last one wins."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
POOL_PATIENCE = 5
"""Seconds that a request waits for a connection before it is told to come again."""


def read_env_files(service: str) -> None:
    """Read ``<root>/.env``, then ``<root>/<service>/config/.env``, into the process environment.

    The later file wins over the earlier one; what the process was started with wins over both.
    First comes the file that ``ENV_FILE`` names, in which an image finds its generated secrets.
    """
    given = dict(os.environ)
    generated = Path(given.get("ENV_FILE", "") or os.devnull)
    for path in (generated, ROOT / ".env", ROOT / service / "config" / ".env"):
        if path.is_file():
            environ.Env.read_env(path, overwrite=True)
    os.environ.update(given)


class Env(environ.Env):  # type: ignore[misc]
    """django-environ, with one sentence for whoever forgot or misspelt something."""

    def required(self, name: str, purpose: str) -> str:
        """The value of ``name``. Raises ImproperlyConfigured with what it is for."""
        value = os.environ.get(name, "").strip()
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set: {purpose}. Set it in the environment or in .env "
                f"(see .env.sample)."
            )
        return value

    def whole_number(self, name: str, default: int) -> int:
        """A non-negative integer. Raises ImproperlyConfigured if the text is none."""
        text = os.environ.get(name, "").strip()
        if not text:
            return default
        if not (text.isascii() and text.isdecimal()):
            raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
        return int(text)

    def switch(self, name: str, default: bool = False) -> bool:
        """A yes or no. Raises ImproperlyConfigured on anything else."""
        text = os.environ.get(name, "").strip().lower()
        if not text:
            return default
        if text in self.BOOLEAN_TRUE_STRINGS:
            return True
        if text in ("false", "off", "no", "n", "0"):
            return False
        raise ImproperlyConfigured(f"{name} must be true or false, not {text!r}.")

    def choice(self, name: str, choices: Sequence[str], default: str) -> str:
        """One of ``choices``, in capitals. Raises ImproperlyConfigured on anything else."""
        text = os.environ.get(name, "").strip().upper() or default
        if text not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {text!r}.")
        return text

    def packages(self, name: str, default: str) -> list[str]:
        """Apps by package or AppConfig. Raises ImproperlyConfigured if one is not installed."""
        named = self.items(name, default)
        for app in named:
            if not is_package(app.partition(".apps.")[0]):
                raise ImproperlyConfigured(f"{name} names {app!r}, which is no installed app.")
        return named

    def origins(self, name: str) -> list[str]:
        """Addresses of sites. Raises ImproperlyConfigured if one has no scheme."""
        named = self.items(name, "")
        for origin in named:
            if not origin.startswith(("https://", "http://")):
                raise ImproperlyConfigured(
                    f"{name} must name sites like https://cockpit.example.org, not {origin!r}."
                )
        return named

    def hosts(self, name: str, default: str) -> list[str]:
        """Names of hosts. Raises ImproperlyConfigured for one that stands for every name."""
        named = self.items(name, default)
        for host in named:
            if host.strip(".") in ("", "*"):
                raise ImproperlyConfigured(
                    f"{name} must name the hosts one by one: {host!r} would let a request choose "
                    "the addresses that answers point to."
                )
        return named

    def items(self, name: str, default: str) -> list[str]:
        """What stands between the commas, without blanks."""
        text = os.environ.get(name, default)
        return [item.strip() for item in text.split(",") if item.strip()]

    def postgres(self, name: str, url: str) -> dict[str, Any]:
        """Django's settings for a PostgreSQL URL. Raises ImproperlyConfigured if it is none."""
        if not url.startswith(("postgres://", "postgresql://")):
            raise ImproperlyConfigured(
                f"{name} must be a PostgreSQL address like postgres://user:password@host:5432/name."
            )
        try:
            parsed = dict(self.db_url_config(url))
        except (ValueError, UnicodeError) as error:
            raise ImproperlyConfigured(f"{name} cannot be read as an address.") from error
        if not parsed.get("NAME") or not parsed.get("USER"):
            raise ImproperlyConfigured(f"{name} must name a user and a database.")
        return parsed

    @staticmethod
    def connection(*, pool_size: int, statement_seconds: int) -> dict[str, Any]:
        """Django's OPTIONS of a database. 0 is no pool, and no limit to a statement."""
        options: dict[str, Any] = {}
        if pool_size:
            pool = {"min_size": 1, "max_size": pool_size, "timeout": POOL_PATIENCE}
            options["pool"] = pool
        if statement_seconds:
            options["options"] = f"-c statement_timeout={statement_seconds}s"
        return options


def is_package(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


env = Env()
