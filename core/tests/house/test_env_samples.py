"""The samples of the environment files: complete, true, and free of secrets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.local.home import ROOT

SAMPLES = {
    "root": ROOT / ".env.sample",
    "cockpit": ROOT / "cockpit" / "config" / ".env.sample",
    "entities": ROOT / "entities" / "config" / ".env.sample",
}
READ = re.compile(r"""env(?:iron)?(?:\.\w+)?[(\[]\s*"([A-Z][A-Z_]+)\"""")
# Set for processes by other processes, never by a person.
INTERNAL = {
    "DATABASE_SUPERUSER_URL",
    "DJANGO_SETTINGS_MODULE",
    "DJANGO_SUPERUSER_PASSWORD",
    "ENV_FILE",
}

# Read by names that are made of the app's slug: core.tether.
OF_AN_APP = {f"ENTITIES_{part}" for part in ("PORT", "URL", "PROBE_URL")}


def assignments(sample: Path) -> dict[str, str]:
    lines = sample.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))


def named(sample: Path) -> set[str]:
    """What a sample sets or, in a comment, shows how to set."""
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", sample.read_text(), re.MULTILINE))


def read_by(*patterns: str) -> set[str]:
    files = [file for pattern in patterns for file in ROOT.glob(pattern)]
    return {name for file in files for name in READ.findall(file.read_text())}


def test_every_setting_is_in_a_sample() -> None:
    read = read_by("core/*.py", "*/config/*.py", "auth/*.py")

    assert read - INTERNAL <= set().union(*map(named, SAMPLES.values()))


def test_a_sample_names_nothing_that_nobody_reads() -> None:
    read = read_by("core/*.py", "*/config/*.py", "auth/*.py", "core/local/*.py")
    compose = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))

    assert set().union(*map(named, SAMPLES.values())) <= read | compose | OF_AN_APP


@pytest.mark.parametrize("service", SAMPLES)
def test_a_sample_holds_no_secret(service: str) -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "DATABASE_OWNER_URL"}.isdisjoint(
        assignments(SAMPLES[service])
    )


@pytest.mark.parametrize("service", ["cockpit", "entities"])
def test_the_settings_of_a_service_load_from_the_samples_unedited(service: str) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "x" * 60,
        "DATABASE_URL": "postgres://a:b@c/d",
        "DJANGO_SETTINGS_MODULE": f"{service}.config.settings",
        **assignments(SAMPLES["root"]),
        **assignments(SAMPLES[service]),
    }
    script = "import django; django.setup(); print(django.conf.settings.TLS)"

    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (answer.returncode, answer.stdout) == (0, "False\n"), answer.stderr
