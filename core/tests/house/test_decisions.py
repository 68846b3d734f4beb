"""The index of decisions: every one, once, by its title, with a status."""

from __future__ import annotations

import re

import pytest

from core.local.home import ROOT

FOLDER = ROOT / "docs" / "adr"
FILES = sorted(path for path in FOLDER.glob("*.md") if path.name != "index.md")
ROW = re.compile(r"^\| (\d+) \| \[(.+)\]\((\S+)\) \| (.+) \|$", re.MULTILINE)
ROWS = {
    file: (int(n), title, status)
    for n, title, file, status in ROW.findall((FOLDER / "index.md").read_text(encoding="utf-8"))
}
STATUS = re.compile(r"accepted|(amended|superseded) by \d+(, \d+)*")


def test_every_decision_is_in_the_index_once() -> None:
    text = (FOLDER / "index.md").read_text(encoding="utf-8")

    assert sorted(ROWS) == [path.name for path in FILES]
    assert len(ROW.findall(text)) == len(ROWS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:4])
def test_a_decision_has_number_title_and_status(path) -> None:
    number, title, status = ROWS[path.name]
    text = path.read_text(encoding="utf-8")

    assert path.name.startswith(f"{number:04d}-")
    assert text.startswith(f"# {number}. {title}\n")
    assert STATUS.fullmatch(status), status
    for part in ("**Context.**", "**Decision.**", "**Consequences.**"):
        assert part in text


def test_whatever_amends_a_decision_exists() -> None:
    numbers = {number for number, _, _ in ROWS.values()}
    named = [int(n) for _, _, status in ROWS.values() for n in re.findall(r"\d+", status)]

    assert set(named) <= numbers
