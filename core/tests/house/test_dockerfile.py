"""The Dockerfile, read by hadolint and by eye."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from core.local.home import ROOT

DOCKERFILE = ROOT / "core" / "config" / "Dockerfile"
HADOLINT = Path(sys.executable).with_name("hadolint")


@pytest.mark.skipif(not HADOLINT.exists(), reason="no hadolint for this platform")
def test_hadolint_has_nothing_to_say() -> None:
    answer = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True, check=False)

    assert (answer.returncode, answer.stdout) == (0, "")


def stages() -> dict[str, str]:
    """The text of every stage by its name."""
    parts = re.split(r"^FROM .+ AS (\S+)$", DOCKERFILE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_runtime_is_the_default_and_has_no_tests_tools() -> None:
    assert list(stages())[-1] == "runtime"
    assert "requirements-dev.lock" not in stages()["packages"]
    assert "poetry" not in stages()["runtime"]


def test_both_images_run_as_an_ordinary_user() -> None:
    text = DOCKERFILE.read_text()

    assert "FROM service AS dev" in text
    assert "FROM service AS runtime" in text
    for image in ("dev", "runtime"):
        assert stages()[image].rstrip().endswith("\nUSER 10001")


def test_the_code_is_not_the_serving_users() -> None:
    copies = re.findall(r"^COPY .*$", DOCKERFILE.read_text(), re.MULTILINE)

    assert not [line for line in copies if "--chown" in line or "--chmod" in line]
    assert "chown" not in stages()["service"] + stages()["runtime"]


def test_runtime_has_no_tests_benchmarks_and_samples() -> None:
    [removal] = re.findall(r"^RUN (rm .*)$", stages()["code"], re.MULTILINE)
    assert "COPY --from=code /srv/cockpit /srv/cockpit" in stages()["runtime"]
    assert "COPY . ." not in stages()["runtime"] + stages()["service"]

    with tempfile.TemporaryDirectory() as place:
        for name in ("core/tests/house", "core/api", "benchmarks/http", "sample_data"):
            (Path(place) / name).mkdir(parents=True)
        (Path(place) / "conftest.py").touch()
        subprocess.run(["sh", "-c", removal], cwd=place, check=True)
        assert sorted(str(path.relative_to(place)) for path in Path(place).rglob("*")) == [
            "core",
            "core/api",
        ]


def test_everything_is_installed_by_hash() -> None:
    installs = re.findall(r"pip install .*?(?= &&|\n(?! ))", DOCKERFILE.read_text(), re.DOTALL)
    locked = [line for line in installs if "--no-deps --require-hashes" in line]

    assert len(locked) == 2
    assert [line for line in installs if line not in locked] == ["pip install poetry==2.5.1"]


@pytest.mark.parametrize("name", [".git", ".venv", ".local", "**/.env"])
def test_what_is_of_this_machine_stays_out_of_the_image(name: str) -> None:
    assert name in (ROOT / ".dockerignore").read_text().splitlines()
