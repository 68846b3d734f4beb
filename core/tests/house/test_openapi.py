"""The description of each service is what was last agreed to: ``make schema`` renews the files."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest
from django.core.management import call_command

from core.local.home import ROOT

GOLDEN = {"cockpit": "cockpit/tests/openapi.yaml", "entities": "entities/v1/tests/openapi.yaml"}


@pytest.mark.parametrize("service", GOLDEN)
def test_the_description_is_the_one_agreed_to(
    service: str, db: None, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    made = tmp_path / "openapi.yaml"
    call_command(
        "spectacular",
        urlconf=f"{service}.config.urls",
        custom_settings=f"{service}.config.description.OWN",
        file=str(made),
        validate=True,
        fail_on_warn=True,
    )
    assert capsys.readouterr().err == ""
    agreed = (ROOT / GOLDEN[service]).read_text(encoding="utf-8").splitlines()
    changes = unified_diff(agreed, made.read_text(encoding="utf-8").splitlines(), lineterm="", n=1)
    assert not (told := "\n".join(changes)), f"{told}\nIf this is meant, run make schema."


@pytest.mark.parametrize("service", GOLDEN)
def test_make_schema_renews_it(service: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert (
        f"--settings {service}.config.settings" in makefile.split("\nschema:")[1].split("\n\n")[0]
    )
    assert GOLDEN[service] in makefile
