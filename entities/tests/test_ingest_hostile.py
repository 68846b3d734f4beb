"""What may be wrong with a file, deep inside one: the line, the reason, and flat memory."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from pathlib import Path

import pytest

from core.models import AuditEntry, BatchState
from entities.models import Entity, EntityAnchor
from entities.tests.feed import SOURCE, Feed, latest_batch, read_jsonl
from entities.tests.test_ingest_runs import command, environment

HEADER = "source_id,entity_type,display_name,valid_from,detail:EMPLOYEES,detail:NOTE"
DEEP = 6_000
"""Good rows before the first bad one: more than are held at a time."""
MEBIBYTE = 1024 * 1024
LONG = 200 * MEBIBYTE

CSV_ROWS: dict[bytes, str] = {
    b"T,FIRM,T,,,": "entity_type: There is no entity type FIRM.",
    b"V,BANK,V,,many,": "EMPLOYEES: The value must be a whole number.",
    b"D,BANK,D,2020-02-30,,": "valid_from: There is no such day: 2020-02-30.",
    b"E0,BANK,Other,,,": "Line 2 says something else of the same thing from the same instant on.",
    b"U,BANK,U\xff,,,": "The row is not UTF-8.",
    b"N,BANK,N,,,a\0b": "NOTE: The value contains a null character.",
    b"W,BANK": "The row has 2 cells, the header 6 columns.",
}
JSONL_ROWS: dict[bytes, str] = {
    b'{"source_id":"T","entity_type":"FIRM","display_name":"T"}': (
        "entity_type: There is no entity type FIRM."
    ),
    b'{"source_id":"C","details":{"PHONE":"1"}}': "There is no detail type PHONE.",
    b'{"source_id":"V","details":{"EMPLOYEES":"many"}}': (
        "EMPLOYEES: The value must be a whole number."
    ),
    b'{"source_id":"D","display_name":"D","valid_from":"2020-13-01"}': (
        "valid_from: There is no such day: 2020-13-01."
    ),
    b'{"source_id":"E0","entity_type":"BANK","display_name":"Other"}': (
        "Line 1 says something else of the same thing from the same instant on."
    ),
    b'{"source_id":"U","display_name":"\xff"}': "The line is not UTF-8 at byte 33.",
    b'{"source_id":"N","display_name":"\0"}': (
        "The line is not JSON at column 34: Invalid control character at."
    ),
    b'{"source_id":"M","nmae":"M"}': "There is no field 'nmae'.",
    b"x" * (5 * MEBIBYTE): "The line is longer than 4194304 bytes.",
}


def good_csv(count: int) -> list[bytes]:
    return [b"E%d,BANK,Bank %d,2020-01-01,," % (number, number) for number in range(count)]


def good_jsonl(count: int) -> list[bytes]:
    told = (
        {"source_id": f"E{n}", "entity_type": "BANK", "display_name": "B"} for n in range(count)
    )
    return [json.dumps(row).encode() for row in told]


def expected(rows: dict[bytes, str], first: int) -> dict[int, str]:
    """Reasons by line; every other row after the good ones is bad."""
    return dict(zip(range(first, first + 2 * len(rows), 2), rows.values(), strict=True))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_every_bad_row_has_its_line_and_its_reason(feed: Feed, form: str) -> None:
    rows = CSV_ROWS if form == "csv" else JSONL_ROWS
    good = [*good_csv(DEEP)] if form == "csv" else good_jsonl(DEEP)
    mixed = [line for bad in rows for line in (bad, good[7])]
    lines = [*([HEADER.encode()] if form == "csv" else []), *good, *mixed]
    path = feed.write(f"feed.{form}.gz", gzip.compress(b"\n".join(lines) + b"\n", 1, mtime=0))

    rejects = feed.rejects(path, *SOURCE, "--effective", "2020-01-01")

    assert dict(rejects) == expected(rows, len(lines) - len(mixed) + 1)
    assert Entity.objects.count() == DEEP


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_that_is_cut_off_late_leaves_nothing(feed: Feed, form: str) -> None:
    good = [HEADER.encode(), *good_csv(DEEP)] if form == "csv" else good_jsonl(DEEP)
    packed = gzip.compress(b"\n".join(good), 1, mtime=0)
    path = feed.write(f"feed.{form}.gz", packed[: len(packed) * 3 // 4])
    entries = AuditEntry.objects.count()

    answer = feed.run(path, *SOURCE)

    assert answer.code == 3
    assert answer.err == f"{path} ends in the middle of its compressed data."
    assert latest_batch().state == BatchState.FAILED
    assert not EntityAnchor.objects.exists()
    assert AuditEntry.objects.count() == entries


# Memory


def peak(path: Path, *options: str) -> tuple[int, int]:
    """The exit code of a load in a process of its own, and the most memory it held, in MiB."""
    arguments = command("ingest_entities", str(path), *SOURCE, "--json", *options)
    with subprocess.Popen(
        arguments, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss // 1024


@pytest.mark.parametrize(("form", "code"), [("csv", 3), ("jsonl", 2)])
def test_a_line_of_200_megabytes_is_not_held(feed: Feed, form: str, code: int) -> None:
    head = [HEADER.encode(), *good_csv(1)] if form == "csv" else good_jsonl(1)
    long, short = feed.path(f"long.{form}.gz"), feed.path(f"short.{form}.gz")
    for path, size in ((long, LONG), (short, 0)):
        with gzip.open(path, "wb", 1) as file:
            file.write(b"\n".join(head) + b"\n")
            for _ in range(size // MEBIBYTE):
                file.write(b"x" * MEBIBYTE)
            file.write(b"\n" * bool(size))
    rejects = feed.path("rejects.jsonl")

    usual = peak(short)
    ended, most = peak(long, "--rejects", str(rejects))

    assert (usual[0], ended) == (0, code)
    assert most < usual[1] + 40
    if code == 2:
        (reject,) = read_jsonl(rejects)
        assert (reject["line"], reject["row"]) == (2, "x" * 200)
        assert reject["reason"] == "The line is longer than 4194304 bytes."
    else:
        assert latest_batch().error == f"{long}: line 3 is longer than 4194304 bytes."
