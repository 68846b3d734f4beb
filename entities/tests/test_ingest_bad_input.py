"""Every bad file and row ends in a reason, and leaves the register as it was."""

import gzip
import json
import os
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from core.models import BatchState
from entities.models import Entity, EntityDetail
from entities.naming import entity_uuid
from entities.selectors import entity_snapshot
from entities.tests.feed import Feed, did, latest_batch, read_jsonl

HEADER = (
    "uuid,source_id,op,entity_type,display_name,valid_from,valid_to,"
    "detail:EMAIL,detail:EMPLOYEES,detail:EXTRA"
)
KNOWN = [
    *("uuid", "source", "source_id", "op", "entity_type", "display_name", "valid_from", "valid_to"),
    "reason",
    *("detail:EMAIL", "detail:EMPLOYEES", "detail:EQUITY", "detail:EXTRA", "detail:NOTE"),
]
OTHER = "6f2d3c8e-0f2e-4a52-9b1d-0c3f6f4bb1a1"
GOOD = ",GOOD,,BANK,Good,2020-01-01,,,,"

BAD_ROWS = {
    ",A,,FIRM,Alpha,,,,,": "entity_type: There is no entity type FIRM.",
    ",A,,BANK,Alpha,,,nobody,,": (r"EMAIL: The value does not match the pattern [^@\s]+@[^@\s]+"),
    ",A,,BANK,Alpha,,,,many,": "EMPLOYEES: The value must be a whole number.",
    ",A,,BANK,Alpha,,,,,{": "EXTRA: The value must be JSON.",
    ",A,,BANK,Alpha,31.12.2020,,,,": (
        "valid_from: Expected a date like 2024-03-31 or a timestamp like 2024-03-31T09:30:00Z "
        "(in an address, a + is written %2B)."
    ),
    ",A,,BANK,Alpha,2020-02-30,,,,": "valid_from: There is no such day: 2020-02-30.",
    ",A,,BANK,Alpha,2020-01-01T10:00:00,,,,": (
        "valid_from: A timestamp needs its time zone: end it with Z or with an offset like +01:00."
    ),
    ",A,,BANK,Alpha,2020-01-01,2020-01-01,,,": "valid_to must be later than valid_from.",
    ",A,,BANK, ,,,,,": "display_name: A name cannot be blank.",
    "\ufeff,A,,BANK,Alpha,,,,,": "uuid: '\\ufeff' is no UUID.",
    ",\ufeffA,,BANK,Alpha,,,,,": (
        "source_id: Character 1 is U+FEFF (BYTE ORDER MARK), which cannot be seen."
    ),
    ",A,,BANK\u200d,Alpha,,,,,": (
        "entity_type: Character 5 is U+200D (ZERO WIDTH JOINER), which cannot be seen."
    ),
    ",A,,BANK,\u3164,,,,,": (
        "display_name: Character 1 is U+3164 (HANGUL FILLER), which cannot be seen."
    ),
    ",A,,BANK,\u2800,,,,,": "display_name: A name needs a character that can be seen.",
    ",A,,BANK,Al\x07pha,,,,,": "display_name: Character 3 is U+0007, a control character.",
    ",A,,BANK,Al\0pha,,,,,": "display_name: Character 3 is U+0000, a control character.",
    r",A,,BANK,\N,,,,,": "display_name: It cannot be null.",
    ",A,delete,BANK,Alpha,,,,,": "op: Expected upsert or end.",
    ",A,end,BANK,,,,,,": "A row that ends an entity cannot say its entity_type.",
    ",A,,,,,,,,": "The row says nothing about the entity.",
    ",,,BANK,Alpha,,,,,": "The row has neither a uuid nor a source_id.",
    "12,,,BANK,Alpha,,,,,": "uuid: '12' is no UUID.",
    f"{OTHER},A,,BANK,Alpha,,,,,": (
        f"An entity with this source and source_id has the uuid {entity_uuid('feed', 'A')}."
    ),
    ",A,,BANK,Alpha": "The row has 5 cells, the header 10 columns.",
    ',A,,BANK,"Al"pha,,,,,': "The row is not CSV: ',' expected after '\"'.",
}

BAD_LINES = {
    "{": ("The line is not JSON at column 2: Expecting property name enclosed in double quotes."),
    "[]": "The line is not a JSON object.",
    '{"source_id": "A", "name": "Alpha"}': "There is no field 'name'.",
    '{"source_id": "A", "source_id": "B"}': "'source_id' is given twice in one object.",
    '{"source_id": "A", "source": "other", "display_name": "Alpha"}': "The file's source is feed.",
    '{"source_id": 7, "display_name": "Alpha"}': "source_id: Expected a string.",
    '{"source_id": "A", "display_name": 7}': "display_name: Expected a string.",
    '{"source_id": "A", "entity_type": null}': "entity_type: It cannot be null.",
    '{"source_id": "A", "details": []}': "details: Expected an object of values by code.",
    '{"source_id": "A", "details": {"PHONE": "1"}}': "There is no detail type PHONE.",
    '{"source_id": "A", "details": {"EMPLOYEES": "1"}}': (
        "EMPLOYEES: The value must be a whole number."
    ),
    '{"source_id": "A", "details": {"EQUITY": [1.5]}}': (
        'EQUITY: The value must be a decimal number, like 12.5 or "12.5".'
    ),
    '{"source_id": "A", "details": {"EQUITY": 1e-2000}}': (
        "1e-2000 has more than 1,000 digits when it is written out; send it as a string."
    ),
    '{"source_id": "A", "details": {"EXTRA": NaN}}': "NaN is not a number in JSON.",
    '{"source_id": "A", "details": {"NOTE": "\\ud800"}}': (
        "details.NOTE has half of a surrogate pair (\\ud800), which is not a character."
    ),
    '{"source_id": "A", "details": {"NOTE": "\\u0000"}}': (
        "NOTE: The value contains a null character."
    ),
    '{"source_id": "A", "display_name": "Alpha", "valid_from": 2020}': (
        "valid_from: Expected a string."
    ),
    '{"source_id": "A", "display_name": "Alpha", "reason": 1}': "reason: Expected a string.",
    '{"uuid": 1, "display_name": "Alpha"}': "uuid: 1 is no UUID.",
}


def rejected(feed: Feed, path: Path) -> dict[str, str]:
    """Reasons by row as given; every other row is good and is loaded."""
    answer = feed.run(path, "--source", "feed", "--rejects", str(feed.path("rejects")), "--json")
    rejects = read_jsonl(feed.path("rejects"))
    assert (answer.code, answer.json["rejected"]) == (2, len(rejects))
    assert answer.json["entities"] == did(opened=1)
    return {one["row"]: one["reason"] for one in rejects}


def test_bad_rows_of_a_csv(feed: Feed) -> None:
    rows = [*BAD_ROWS, GOOD]

    found = rejected(feed, feed.write("feed.csv", "\n".join((HEADER, *rows))))

    assert found == BAD_ROWS
    assert list(Entity.objects.values_list("display_name", flat=True)) == ["Good"]
    assert not EntityDetail.objects.exists()


def test_bad_lines_of_a_jsonl(feed: Feed) -> None:
    good = {"source_id": "GOOD", "entity_type": "BANK", "display_name": "Good"}
    lines = [*BAD_LINES, json.dumps(good)]

    found = rejected(feed, feed.write("feed.jsonl", "\n".join(lines)))

    assert found == BAD_LINES
    assert list(Entity.objects.values_list("display_name", flat=True)) == ["Good"]
    assert not EntityDetail.objects.exists()


@pytest.mark.parametrize(
    ("name", "head", "bad"),
    [
        ("feed.csv", b"source_id,entity_type,display_name\n", b"A,BANK,Alph\xe4"),
        ("feed.jsonl", b"", b'{"source_id": "A", "display_name": "Alph\xe4"}'),
    ],
)
def test_a_row_that_is_not_utf8(feed: Feed, name: str, head: bytes, bad: bytes) -> None:
    good = b"B,BANK,Beta" if head else b'{"source_id":"B","entity_type":"BANK","display_name":"B"}'

    found = rejected(feed, feed.write(name, head + b"\n".join((bad, good))))

    ((row, reason),) = found.items()
    assert row == bad.decode(errors="backslashreplace")
    assert "is not UTF-8" in reason


def test_a_line_that_is_too_long(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.ingest.lines.BLOCK", 100)
    for module in ("lines", "blocks", "jsonl", "delimited"):
        monkeypatch.setattr(f"core.ingest.{module}.LINE_LIMIT", 100)
    long = json.dumps({"source_id": "A", "entity_type": "BANK", "display_name": "A" * 300})
    good = json.dumps({"source_id": "B", "entity_type": "BANK", "display_name": "Beta"})

    found = rejected(feed, feed.write("feed.jsonl", f"{long}\n{good}\n"))

    assert found == {long[:200][:101]: "The line is longer than 100 bytes."}
    answer = feed.run(feed.write("feed.csv", f"source_id,display_name\nA,{'A' * 300}\n"))
    assert answer.code == 3
    assert answer.err.endswith("feed.csv: line 2 is longer than 100 bytes.")


def test_rejects_name_the_first_line_of_a_row(feed: Feed) -> None:
    path = feed.write(
        "feed.csv", 'source_id,entity_type,display_name,detail:NOTE\n\nA,FIRM,A,"x\ny"\nB,FIRM,B,\n'
    )

    rejects = feed.rejects(path, "--source", "feed")

    assert [line for line, _ in rejects] == [3, 5]
    assert read_jsonl(feed.path("rejects.jsonl"))[0]["row"] == 'A,FIRM,A,"x\ny"'


# What only the timelines can tell


def test_one_key_with_two_payloads(feed: Feed) -> None:
    rows = ["A,BANK,Alpha", "B,BANK,Beta", "A,BANK,Aleph", "A,BANK,Alef", "A,BANK,Alpha"]
    path = feed.write("feed.csv", "\n".join(("source_id,entity_type,display_name", *rows)))

    rejects = feed.rejects(path, "--source", "feed")

    reason = "Line 2 says something else of the same thing from the same instant on."
    assert rejects == [(4, reason), (5, reason)]
    assert read_jsonl(feed.path("rejects.jsonl"))[0]["row"] == "A,BANK,Aleph"
    assert sorted(Entity.objects.values_list("display_name", flat=True)) == ["Alpha", "Beta"]


def test_amending_what_is_not_there(feed: Feed) -> None:
    rows = ["A,,Alpha,2020-01-01,", "B,BANK,Beta,2020-01-01,", "C,,,2020-01-01,told"]
    header = "source_id,entity_type,display_name,valid_from,detail:NOTE"
    path = feed.write("feed.csv", "\n".join((header, *rows)))

    rejects = feed.rejects(path, "--source", "feed")

    assert rejects == [
        (2, "At 2020-01-01T00:00:00+00:00 nothing holds that could be amended."),
        (4, "At 2020-01-01T00:00:00+00:00 the thing it belongs to is not valid."),
    ]
    assert list(Entity.objects.values_list("display_name", flat=True)) == ["Beta"]


def test_many_conflicts_of_one_thing_do_not_take_an_attempt_each(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.ingest.loading.PATIENCE", 1)
    rows = [f"A,BANK,{year}-01-01,{year + 2}-01-01,{year}" for year in range(2001, 2009)]
    rows += ["A,BANK,2000-01-01,,open", "B,BANK,2000-01-01,,Beta"]
    header = "source_id,entity_type,valid_from,valid_to,display_name"
    overlapping = [f"A,,{year}-06-01,,N{year}" for year in range(2001, 2008)]
    path = feed.write("feed.csv", "\n".join((header, *rows, *overlapping)))

    rejects = feed.rejects(path, "--source", "feed")

    assert [line for line, _ in rejects] == [2, *(n for n in range(3, 11)), *range(12, 19)]
    assert list(Entity.objects.values_list("display_name", flat=True)) == ["Beta"]


# Files that cannot be read at all


def unreadable(folder: Path) -> dict[str, tuple[Any, str]]:
    """Contents by name, and what is said of them."""
    plain = b"source_id,display_name\nA,Alpha\n"
    packed = gzip.compress(plain)
    return {
        "empty.csv": (b"", "{path} is empty."),
        "blank.csv": (b"\n\n", "{path} is empty."),
        "blank.jsonl": (b"\n \n", "{path} is empty."),
        "cut.csv.gz": (packed[:-9], "{path} ends in the middle of its compressed data."),
        "damaged.csv.gz": (
            packed[:-8] + b"\0" * 8,
            f"{{path}} is damaged: CRC check failed 0x0 != {crc32(plain):#x}.",
        ),
        "misspelt.csv": (
            b"source_id,dispaly_name\nA,Alpha\n",
            "The header has an unknown column 'dispaly_name'; did you mean display_name?",
        ),
        "unknown.csv": (
            b"source_id,detail:PHONE\nA,1\n",
            "The header has an unknown column 'detail:PHONE'; did you mean detail:NOTE?",
        ),
        "foreign.csv": (
            b"source_id,zzz\nA,1\n",
            f"The header has an unknown column 'zzz'. Known are {', '.join(KNOWN)}.",
        ),
        "twice.csv": (
            b"source_id,display_name,source_id\n",
            "{path}: the column 'source_id' stands twice in the header.",
        ),
        "nameless.csv": (
            b"display_name\nAlpha\n",
            "The header has neither uuid nor source_id, so no row has a name.",
        ),
        "latin.csv": (
            b"source_id,n\xe4me\n",
            "{path}: the header is not UTF-8. Say its --encoding, such as cp1252.",
        ),
        "open.csv": (
            b'source_id,display_name\nA,"Alpha\nB,Beta\n',
            "{path}: a quotation mark in line 2 is never closed.",
        ),
    }


def test_files_that_cannot_be_read(feed: Feed) -> None:
    for name, (content, sentence) in unreadable(feed.folder).items():
        path = feed.write(name, content)

        answer = feed.run(path, "--source", "feed")

        assert (answer.code, answer.err) == (3, sentence.format(path=path)), name
        assert (latest_batch().state, latest_batch().error) == (BatchState.FAILED, answer.err)
    assert not Entity.objects.exists()


def test_paths_that_lead_nowhere(feed: Feed) -> None:
    missing, folder = feed.path("missing.csv"), feed.path("folder.csv")
    folder.mkdir()

    assert feed.run(missing).err == f"{missing} cannot be read: No such file or directory."
    assert feed.run(folder).err == f"{folder} cannot be read: Is a directory."
    assert feed.run(folder).code == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(feed: Feed) -> None:
    path = feed.write("feed.csv", "source_id\n")
    path.chmod(0)

    answer = feed.run(path)

    assert (answer.code, answer.err) == (3, f"{path} cannot be read: Permission denied.")


# Strictness and options


def test_strictness_loads_nothing_with_a_bad_row(feed: Feed) -> None:
    header, good, bad = "source_id,entity_type,display_name", "A,BANK,Alpha", "B,FIRM,Beta"
    path = feed.write("feed.csv", "\n".join((header, good, bad)))

    answer = feed.run(path, "--source", "feed", "--strict", "--json")

    assert (answer.code, answer.json["rejected"]) == (2, 1)
    assert answer.json["entities"] == answer.json["details"] == did()
    assert "line 3: entity_type: There is no entity type FIRM." in answer.err
    assert latest_batch().state == BatchState.REFUSED
    assert not Entity.objects.exists()


def test_strictness_heeds_what_only_the_timelines_can_tell(feed: Feed) -> None:
    path = feed.write("feed.csv", "source_id,entity_type,display_name\nA,BANK,Alpha\nB,,Beta\n")

    answer = feed.run(path, "--source", "feed", "--strict")

    assert answer.code == 2
    assert "nothing was loaded, because 1 of 2 rows were rejected" in answer.out
    assert not Entity.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--effective", "soon"], "argument --effective: Expected a date like 2024-03-31"),
        (["--system-time", "2020-01-01T00:00:00"], "A timestamp needs its time zone"),
        (["--effective", "9999-12-31T23:59:59.999999Z"], "must be earlier than 9999-12-31"),
        (["--future", "never"], "invalid choice: 'never'"),
        (["--modus", "full"], "unrecognized arguments: --modus full"),
        (["--actor", " "], "argument --actor: a name is needed"),
    ],
)
def test_wrong_options(
    feed: Feed, capsys: pytest.CaptureFixture[str], options: list[str], sentence: str
) -> None:
    answer = feed.run(feed.write("feed.csv", "source_id\n"), *options)

    assert answer.code == 1
    assert sentence in capsys.readouterr().err


def test_a_format_that_nobody_knows(feed: Feed) -> None:
    for path in (feed.write("feed.txt", "source_id\n"), "-"):
        answer = feed.run(path)

        sentence = f"Say the --format of {path}: its name ends in none that is known."
        assert (answer.code, answer.err) == (1, sentence)


def test_a_source_that_is_none(feed: Feed) -> None:
    path = feed.write("feed.csv", "source_id,entity_type,display_name\nA,BANK,Alpha\n")

    assert feed.run(path, "--source", " ").err == "A name cannot be blank."
    assert feed.rejects(path) == [(2, "A source_id needs the source of the file.")]


def test_future_and_valid_to_contradict_each_other(feed: Feed) -> None:
    path = feed.write(
        "feed.csv", "source_id,entity_type,display_name,valid_to\nA,BANK,Alpha,2090-01-01\n"
    )

    rejects = feed.rejects(path, "--source", "feed", "--future", "overwrite")

    assert rejects == [
        (2, "valid_to: It says how far the row reaches, and so does future=overwrite.")
    ]


def test_rejects_are_never_written_over_the_file(feed: Feed) -> None:
    path = feed.write("feed.csv", "source_id,display_name\nA,Alpha\n")

    answer = feed.run(path, "--rejects", str(path))

    assert (answer.code, answer.err) == (1, "--rejects names the file that is to be loaded.")
    assert path.read_text() == "source_id,display_name\nA,Alpha\n"


def test_rejects_that_cannot_be_written(feed: Feed) -> None:
    path = feed.write("feed.csv", "source_id,display_name\nA,Alpha\n")

    answer = feed.run(path, "--rejects", str(feed.path("missing/rejects")))

    assert answer.code == 1
    assert answer.err.endswith("cannot be written: No such file or directory.")


def test_only_the_first_rejects_are_said(feed: Feed) -> None:
    rows = "\n".join(f"{number},FIRM,Name" for number in range(12))
    path = feed.write("feed.csv", f"source_id,entity_type,display_name\n{rows}\n")

    answer = feed.run(path, "--source", "feed")

    assert answer.err.count("There is no entity type FIRM.") == 10
    assert answer.err.endswith("12 of 12 rows were rejected.")
    assert entity_snapshot(entity_uuid("feed", "1")) is None
