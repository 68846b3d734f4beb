"""The compose file, read by compose itself. No engine is needed for that."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.local.home import ROOT

COMPOSE = Path(sys.executable).with_name("docker-compose")
SAMPLES = (".env", "cockpit/config/.env", "entities/config/.env")

pytestmark = pytest.mark.skipif(not COMPOSE.exists(), reason="no docker-compose for this platform")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what compose reads, with the samples copied unedited."""
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    for name in SAMPLES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / f"{name}.sample", tmp_path / name)
    return tmp_path


def resolved(directory: Path, **environ: str) -> dict[str, Any]:
    answer = subprocess.run(
        [COMPOSE, "config", "--format", "json"],
        cwd=directory,
        env={"PATH": "/usr/bin:/bin", "HOME": str(directory), **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    services: dict[str, Any] = json.loads(answer.stdout)["services"]
    return services


def test_the_samples_unedited_are_enough(copy: Path) -> None:
    services = resolved(copy)

    assert set(services) == {
        "secrets",
        "db",
        "migrate",
        "web",
        "cockpit",
        "entities",
        "worker",
    }
    assert services["entities"]["environment"]["TLS"] == "false"
    assert services["db"]["image"] == "postgres:18"


def test_without_env_files_it_is_read_too(copy: Path) -> None:
    for name in SAMPLES:
        (copy / name).unlink()

    assert "worker" in resolved(copy)


def test_it_has_no_name_so_that_two_checkouts_stand_side_by_side() -> None:
    assert "name" not in yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_services_are_served_to_this_machine_alone_on_ports_that_can_move(copy: Path) -> None:
    services = resolved(copy, COCKPIT_PORT="8010", ENTITIES_PORT="8011")

    ports = {name: services[name]["ports"][0] for name in ("cockpit", "entities")}
    assert [(p["host_ip"], p["published"], p["target"]) for p in ports.values()] == [
        ("127.0.0.1", "8010", 8000),
        ("127.0.0.1", "8011", 8001),
    ]
    assert "ports" not in services["db"]


def test_each_waits_for_what_it_needs(copy: Path) -> None:
    services = resolved(copy)
    needs = {
        name: {on: need["condition"] for on, need in service.get("depends_on", {}).items()}
        for name, service in services.items()
    }

    assert needs == {
        "secrets": {},
        "db": {"secrets": "service_completed_successfully"},
        "migrate": {"db": "service_healthy"},
        "web": {"migrate": "service_completed_successfully"},
        "cockpit": {"migrate": "service_completed_successfully"},
        "entities": {"migrate": "service_completed_successfully"},
        "worker": {"migrate": "service_completed_successfully"},
    }


def test_what_stays_up_is_watched(copy: Path) -> None:
    services = resolved(copy)

    assert {name for name, service in services.items() if "healthcheck" in service} == {
        "db",
        "cockpit",
        "entities",
        "worker",
    }
    assert {name for name, service in services.items() if "restart" in service} == {
        "db",
        "web",
        "cockpit",
        "entities",
        "worker",
    }


def test_the_worker_is_told_before_it_is_killed_and_is_not_reached(copy: Path) -> None:
    worker = resolved(copy)["worker"]

    assert worker["command"][:3] == ["python", "manage.py", "worker"]
    assert worker["stop_grace_period"] == "30s"
    assert "ports" not in worker


def test_services_see_the_applications_secrets_alone(copy: Path) -> None:
    services = resolved(copy)
    mounted = {
        name: [(v["source"], v["target"]) for v in service["volumes"]]
        for name, service in services.items()
    }

    assert mounted["cockpit"] == mounted["entities"] == mounted["worker"]
    assert mounted["worker"] == [("application-secrets", "/run/cockpit")]
    assert mounted["migrate"] == [("owner-secrets", "/run/cockpit")]


def test_commands_run_as_the_owner_on_the_checkout_and_are_not_reached(copy: Path) -> None:
    web = resolved(copy)["web"]

    assert [(v["source"], v["target"]) for v in web["volumes"]] == [
        ("owner-secrets", "/run/cockpit"),
        (str(copy), "/srv/cockpit"),
    ]
    assert "ports" not in web


def test_a_pull_does_not_go_on_with_the_old_image(copy: Path) -> None:
    built = [service for service in resolved(copy).values() if "build" in service]

    assert {service["pull_policy"] for service in built} == {"build"}


@pytest.mark.parametrize("target", ["dev", "runtime"])
def test_the_images_are_those_of_the_dockerfile(copy: Path, target: str) -> None:
    built = [s["build"] for s in resolved(copy, IMAGE_TARGET=target).values() if "build" in s]

    assert {build["target"] for build in built} == {target}
    assert {build["dockerfile"] for build in built} == {"core/config/Dockerfile"}
    assert len(built) == 6


def test_no_secret_stands_in_it(copy: Path) -> None:
    for service in resolved(copy).values():
        named = {k for k in service.get("environment", {}) if "PASSWORD" in k or "SECRET" in k}
        assert named <= {"POSTGRES_PASSWORD_FILE"}
