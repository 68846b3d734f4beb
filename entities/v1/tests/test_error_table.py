"""The table of errors in ``docs/api.md`` names the problems that there are, and no others."""

from __future__ import annotations

import ast
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

from rest_framework import exceptions

from core.api.errors import STATUSES
from core.api.problems import TITLES
from core.local.home import ROOT
from core.models.scd2.exceptions import InvalidChange, Scd2Error

# By name: apps do not import each other.
PACKAGES = tuple(map(import_module, ("core", "auth", "cockpit", "entities")))
ROW = re.compile(r"^\| ([\d, ]+) \| ((?:`\w+`(?:, )?)+) \| .+ \|$", re.MULTILINE)
NOT_OVER_HTTP = {
    "direct_write": "a mistake of ours, told as unexpected",
    "not_active": "the base of read_only and offline",
    "changed_meanwhile": "the admin",
    "deactivated": "create_token",
    "not_initial": "first loads",
    "not_to_be_run": "the worker",
    "cancelled": "loads",
    "cannot_revert": "revert_batch",
    "later_changes": "revert_batch",
    "overtaken": "revert_batch",
}
"""Codes of errors that no call is answered with, and where they are told instead."""
FROM_DJANGO: set[type[exceptions.APIException]] = {
    exceptions.NotAuthenticated,
    exceptions.AuthenticationFailed,
    exceptions.PermissionDenied,
    exceptions.MethodNotAllowed,
    exceptions.NotAcceptable,
    exceptions.UnsupportedMediaType,
    exceptions.Throttled,
}


def documented() -> set[str]:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return {code for _, codes in ROW.findall(text) for code in re.findall(r"\w+", codes)}


def written_out() -> Iterator[str]:
    """The codes of problems that are made where they arise."""
    for package in PACKAGES:
        for file in (ROOT / package.__name__).rglob("*.py"):
            if "tests" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                    yield from (
                        part.value
                        for part in node.args[1:2]
                        if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    )


def kinds(of: type[Scd2Error]) -> Iterator[type[Scd2Error]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def from_domain() -> set[str]:
    """The codes of errors that become problems of their own; others are told of fields."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not {"tests", "migrations", "config", "wsgi"} & set(module.name.split(".")):
                import_module(module.name)
    return {
        kind.code
        for kind in kinds(Scd2Error)
        if ".tests." not in kind.__module__
        and (kind.code in STATUSES or not issubclass(kind, InvalidChange))
    }


def test_the_table_names_every_problem_and_no_other() -> None:
    made = {*written_out(), *from_domain(), *(str(kind.default_code) for kind in FROM_DJANGO)}
    assert NOT_OVER_HTTP.keys() <= made
    assert documented() == made - NOT_OVER_HTTP.keys()


def test_every_problem_has_a_title() -> None:
    assert documented() <= TITLES.keys()
