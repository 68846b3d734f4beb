"""Short functions in short files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from core.local.home import ROOT

PACKAGES = ("core", "auth", "cockpit", "entities", "benchmarks")
LONGEST_FILE = 400
LONG_FUNCTION = 45


def sources() -> list[Path]:
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*.py")]
    # Migrations are written by Django.
    return [file for file in files if file.parent.name != "migrations"]


def functions() -> Iterator[ast.FunctionDef]:
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield node


def test_no_file_is_long() -> None:
    lines = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in sources()}

    assert {name: n for name, n in lines.items() if n > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    lengths = [(node.end_lineno or 0) - node.lineno + 1 for node in functions()]

    assert sum(length < LONG_FUNCTION for length in lengths) >= 0.95 * len(lengths)
