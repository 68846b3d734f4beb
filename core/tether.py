"""Tethered apps: the declaration of each, and the list that services, ports and checks follow from.

``TETHERED_APPS`` names the packages. Their ``apps`` modules are imported here without Django being
set up, so they import nothing that needs it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.apps import AppConfig, apps
from django.utils.module_loading import import_string

from core import __version__

if TYPE_CHECKING:
    from core.ingest.door import Door

ROOT = Path(__file__).resolve().parent.parent
HIDDEN = (".", "_")


class TetheredAppConfig(AppConfig):
    """An app of the cockpit, served by a process of its own.

    ``title``: its name for people. ``port``: where ``make up`` and compose serve it, unless
    ``<SLUG>_PORT`` is set. ``doors``: dotted paths of the doors for files, one a container.
    ``version``: of the app; by default the project's.
    """

    default = False
    title: ClassVar[str]
    port: ClassVar[int]
    version: ClassVar[str] = __version__
    doors: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Django takes the one config of an app's module that is a default: not this one."""
        super().__init_subclass__(**kwargs)
        cls.default = cls.__dict__.get("default", True)

    @classmethod
    def declared_slug(cls) -> str:
        """What ``slug`` of the installed app is."""
        return str(cls.__dict__.get("label") or cls.name.rpartition(".")[2])

    @property
    def slug(self) -> str:
        """The name of the app in addresses, settings and the registry: its Django label."""
        return self.label


def tethered() -> list[TetheredAppConfig]:
    """Every tethered app that is installed here, in the order of the settings."""
    return [app for app in apps.get_app_configs() if isinstance(app, TetheredAppConfig)]


def doors() -> dict[str, type[Door]]:
    """The doors for files by the label of the model that they are about."""
    found = [import_string(path) for app in tethered() for path in app.doors]
    return {door.shape.label: door for door in found}


def declarations(packages: Iterable[str]) -> list[type[TetheredAppConfig]]:
    """The declarations of packages, as ``TETHERED_APPS`` names them, without setting up Django.

    Raises LookupError for a package without one.
    """
    return [declaration(name.partition(".apps.")[0]) for name in packages]


def declaration(package: str) -> type[TetheredAppConfig]:
    """Raises LookupError."""
    for value in vars(import_module(f"{package}.apps")).values():
        if isinstance(value, type) and issubclass(value, TetheredAppConfig) and value.default:
            return value
    raise LookupError(f"{package}.apps declares no TetheredAppConfig.")


def port_variable(slug: str) -> str:
    return f"{slug.upper()}_PORT"


def address(slug: str, port: int, environ: Mapping[str, str]) -> str:
    """Where people reach the app's service: ``<SLUG>_URL``, by default on this machine."""
    given = environ.get(f"{slug.upper()}_URL", "").strip().rstrip("/")
    return given or f"http://localhost:{environ.get(port_variable(slug), '').strip() or port}"


def probe_address(slug: str, port: int, environ: Mapping[str, str]) -> str:
    """Where the cockpit reaches the app's service: ``<SLUG>_PROBE_URL``, by default as people."""
    given = environ.get(f"{slug.upper()}_PROBE_URL", "").strip().rstrip("/")
    return given or address(slug, port, environ)


class Built(NamedTuple):
    """An app that lies in the project, tethered or not."""

    package: str
    slug: str
    title: str


def built_apps(root: Path = ROOT) -> Iterator[Built]:
    """The apps below ``root`` that declare a TetheredAppConfig, read without importing them."""
    for path in sorted((*root.glob("*/apps.py"), *root.glob("*/*/apps.py"))):
        package = path.parent.relative_to(root)
        if any(part.startswith(HIDDEN) or part == "tests" for part in package.parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and "TetheredAppConfig" in map(name_of, node.bases):
                yield Built(".".join(package.parts), *named(node, package.name))


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def named(node: ast.ClassDef, default: str) -> tuple[str, str]:
    """The slug and the title that a declaration gives as plain texts."""
    given = {
        target.id: statement.value.value
        for statement in node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return str(given.get("label", default)), str(given.get("title", default.title()))
