"""State what the bank register files say, without the product that loads them.

Usage: python sample_data/facts.py

Replays the files in the order of `releases.json` in plain dictionaries and rewrites `facts.json`:
counts per release, and the whole timeline of the banks named in WATCHED.
"""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAME = "display_name"
NULL = r"\N"

WATCHED = (
    "AT:18170",
    "AT:19210",
    "AT:36291",
    "AT:94646",
    "DE:12016836",
    "DE:29020200",
    "DE:50010700",
    "DE:51230800",
    "PL:10300019",
    "PL:10900004",
    "PL:14600009",
    "PL:29100006",
    "PL:70480003",
    "PL:90680003",
)

Bank = dict[str, str]
State = dict[str, Bank]


def rows(path: Path) -> Iterator[Bank]:
    """Yield the rows of one file as they stand in it."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def replay(state: State, row: Bank) -> None:
    """Change `state` by one row: an empty cell says nothing, a null removes the value."""
    key = row["source_id"]
    if row["op"] == "end":
        del state[key]
        return
    bank = state.setdefault(key, {})
    for column, cell in row.items():
        if column != NAME and not column.startswith("detail:"):
            continue
        field = column.removeprefix("detail:")
        if cell == NULL:
            del bank[field]
        elif cell:
            bank[field] = cell


def states() -> Iterator[tuple[dict[str, Any], State]]:
    """Yield each release of the manifest with the register as it stood then."""
    state: State = {}
    for release in json.loads((HERE / "releases.json").read_text(encoding="utf-8")):
        for row in rows(HERE / release["file"]):
            replay(state, row)
        yield release, {key: dict(bank) for key, bank in state.items()}


def held(bank: Bank) -> Bank:
    """Return the details of a bank, by code."""
    return {code: bank[code] for code in sorted(bank) if code != NAME}


def details(state: State) -> dict[tuple[str, str], str]:
    """Return the value of every detail, by source_id and code."""
    return {(key, code): value for key, bank in state.items() for code, value in held(bank).items()}


def compared(before: dict[Any, str], now: dict[Any, str]) -> Counter[str]:
    """Count the keys that are new, ended, changed and unchanged."""
    both = before.keys() & now.keys()
    changed = sum(before[key] != now[key] for key in both)
    return Counter(
        new=len(now.keys() - before.keys()),
        ended=len(before.keys() - now.keys()),
        changed=changed,
        unchanged=len(both) - changed,
    )


def counts(release: dict[str, Any], before: State, now: State) -> dict[str, Any]:
    """Return how the register differs from the one before it."""
    names = compared(*({key: bank[NAME] for key, bank in each.items()} for each in (before, now)))
    pairs = [(before[key], now[key]) for key in before.keys() & now.keys()]
    return {
        "file": release["file"],
        "date": release["date"],
        "rows": release["rows"],
        "banks": dict(sorted(Counter(key[:2] for key in now).items())),
        "new": names["new"],
        "ended": names["ended"],
        "names_changed": names["changed"],
        "details_changed": sum(held(old) != held(new) for old, new in pairs),
        "unchanged": sum(old == new for old, new in pairs),
        "detail_values": dict(compared(details(before), details(now))),
    }


def timeline(key: str, history: list[tuple[dict[str, Any], State]]) -> list[dict[str, Any]]:
    """Return the periods of one bank over which its name and details stayed the same."""
    pieces: list[dict[str, Any]] = []
    said: Bank | None = None
    for release, state in history:
        bank = state.get(key)
        if bank == said:
            continue
        if said is not None:
            pieces[-1]["to"] = release["date"]
        if bank is not None:
            start = {"from": release["date"], "to": None}
            pieces.append({**start, NAME: bank[NAME], "details": held(bank)})
        said = bank
    return pieces


def facts() -> dict[str, Any]:
    """Return all that `facts.json` holds."""
    history = list(states())
    registers: list[State] = [{}, *(state for _, state in history)]
    return {
        "releases": [
            counts(release, before, now)
            for (release, now), before in zip(history, registers, strict=False)
        ],
        "timelines": {key: timeline(key, history) for key in WATCHED},
    }


if __name__ == "__main__":
    text = json.dumps(facts(), indent=2, ensure_ascii=False)
    (HERE / "facts.json").write_text(text + "\n", encoding="utf-8")
