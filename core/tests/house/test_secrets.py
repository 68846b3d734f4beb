"""What documented commands leave in a checkout: private, and never committed or shipped."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from core.local.home import ROOT

GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LEFT = ["prometheus.token", "cockpit.dump", "custody.csv.rejects.jsonl", "bad.jsonl", ".local/x"]


def commands(guide: Path) -> list[str]:
    """The indented commands of a guide, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", guide.read_text())
    return [line.strip() for line in text.splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_what_a_command_writes_by_itself_is_private(guide: Path) -> None:
    writing = [line for line in commands(guide) if "create_token" in line and ">" in line]
    writing += [line for line in commands(guide) if "pg_dump" in line]
    assert [line for line in writing if "umask 077 &&" not in line] == []


def test_the_guides_have_such_commands() -> None:
    text = "\n".join("\n".join(commands(guide)) for guide in GUIDES)
    assert text.count("umask 077 &&") >= 2


@pytest.mark.parametrize("name", LEFT)
def test_it_is_not_committed(name: str) -> None:
    answer = subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT, check=False)
    assert answer.returncode == 0


@pytest.mark.parametrize("name", LEFT)
def test_it_is_in_no_image(name: str) -> None:
    patterns = (ROOT / ".dockerignore").read_text().splitlines()
    path = Path(name)
    assert any(
        path.match(pattern.removeprefix("**/")) or path.parts[0] == pattern for pattern in patterns
    )
