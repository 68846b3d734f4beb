"""Files as publishers really ship them: read where it is clear what is meant, else explained."""

from __future__ import annotations

import bz2
import io
import zipfile
from typing import Any

import pytest

from core.ingest import encodings
from core.ingest.encodings import Transcoded, encoding_named
from core.models import BatchState
from entities.models import Entity, EntityDetail
from entities.tests.feed import SOURCE, Feed, latest_batch

HEAD = "source_id;entity_type;display_name;detail:NOTE"
ROWS = (HEAD, "A;BANK;Ärzte & Söhne;eins, zwei", "B;BANK;Žižkov;„drei“")
NAMES = {"Ärzte & Söhne": "eins, zwei", "Žižkov": "„drei“"}


def held() -> dict[str, str]:
    names = dict(Entity.objects.live().values_list("uuid", "display_name"))
    notes = dict(EntityDetail.objects.live().values_list("entity_uuid", "value"))
    return {name: notes[uuid] for uuid, name in names.items()}


def zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return packed.getvalue()


# What is read


@pytest.mark.parametrize(
    ("encoding", "options"),
    [
        ("utf-8", []),
        ("utf-8-sig", []),
        ("utf-8", ["--encoding", "UTF8"]),
        ("cp1250", ["--encoding", "windows-1250"]),
        ("utf-16", ["--encoding", "utf-16"]),
        ("utf-16-be", ["--encoding", "utf-16-be"]),
    ],
)
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_separators_and_encodings(
    feed: Feed, encoding: str, options: list[str], separator: str
) -> None:
    text = "\r\n".join(ROWS).replace(";", separator)
    path = feed.write("feed.csv", text.encode(encoding))
    said = ["--delimiter", "|"] if separator == "|" else []

    answer = feed.run(path, *SOURCE, "--json", *options, *said)

    assert (answer.code, answer.err) == (0, "")
    assert held() == NAMES


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_lines_that_end_in_any_way(feed: Feed, end: str) -> None:
    path = feed.write("feed.csv", end.join(ROWS) + end)

    assert feed.run(path, *SOURCE).code == 0
    assert held() == NAMES


def test_names_of_columns_stand_without_what_is_around_them(feed: Feed) -> None:
    header = '\ufeff"\ufeffsource_id" ;entity_type; display_name ;detail:NOTE '
    path = feed.write("feed.csv", "\n".join((header.replace('" ;', '";'), *ROWS[1:])))

    assert feed.run(path, *SOURCE).code == 0
    assert held() == NAMES


def test_a_comma_in_a_cell_does_not_make_it_the_separator(feed: Feed) -> None:
    path = feed.write("feed.csv", '"source_id","display_name","entity_type"\n"A","a;b;c","BANK"\n')

    assert feed.run(path, *SOURCE).code == 0
    assert Entity.objects.live().get().display_name == "a;b;c"


def test_a_tab_can_be_said(feed: Feed) -> None:
    path = feed.write("feed.csv", "\n".join(ROWS).replace(";", "\t"))

    for name in ("tab", r"\t", "\t"):
        assert feed.run(path, *SOURCE, "--delimiter", name).code == 0
        assert latest_batch().options["delimiter"] == "\t"


def test_numbers_of_spreadsheets(feed: Feed) -> None:
    rows = ("source_id,detail:EQUITY", "A,1E+05", "B,-1.50e-03", "C,12.50")
    feed.load("source_id,entity_type,display_name\n" + "".join(f"{n},BANK,{n}\n" for n in "ABC"))

    feed.load("\n".join(rows))

    values = EntityDetail.objects.live().order_by("entity_uuid").values_list("value", flat=True)
    assert sorted(values) == ["-0.0015", "100000", "12.5"]


def test_a_reason_for_a_row(feed: Feed) -> None:
    feed.load("source_id,entity_type,display_name,reason\nA,BANK,Alpha,as told\nB,BANK,Beta,\n")

    reasons = dict(Entity.objects.live().values_list("display_name", "reason"))
    assert reasons == {"Alpha": "as told", "Beta": ""}


def test_what_cannot_be_decoded_is_one_row_s_matter(feed: Feed) -> None:
    lines = [
        b"source_id,entity_type,display_name",
        b"A,BANK,M\xfcller",
        b"B,BANK,\x81",
        b"C,BANK,C",
    ]
    path = feed.write("feed.csv", b"\n".join(lines))

    rejects = feed.rejects(path, *SOURCE, "--encoding", "cp1252")

    assert rejects == [(3, "The row is not cp1252.")]
    assert set(Entity.objects.live().values_list("display_name", flat=True)) == {"Müller", "C"}


def test_what_is_invalid_stays_so_whatever_stands_beside_it() -> None:
    """Two bytes that are not ASCII are no letter, even where UTF-8 has one for them."""
    assert Transcoded(io.BytesIO(b"a\xc3\xa9\n"), "ascii").read(9) == b"a\xff\xff\n"
    assert Transcoded(io.BytesIO(b"a\0\0\xd8"), "utf-16-le").readall() == b"a\xff"


def test_a_file_is_decoded_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "äöü€😀" * 50
    for encoding in ("utf-16", "utf-32", "utf-8", "gb18030"):
        for size in (1, 7, 1000):
            monkeypatch.setattr(encodings, "CHUNK", size)
            stream = Transcoded(io.BytesIO(text.encode(encoding)), encoding)
            assert io.BufferedReader(stream, 16).read().decode() == text


@pytest.mark.parametrize("name", ["rot13", "hex", "zlib", "base64", "klingon", "undefined", ""])
def test_what_is_no_encoding_of_text(name: str) -> None:
    with pytest.raises(ValueError, match="There is no text encoding"):
        encoding_named(name)


# What is explained


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", zipped("a.csv"), "a ZIP archive: unpack it first; gzip is read as it is."),
        (
            "a.csv",
            zipped("[Content_Types].xml", "xl/workbook.xml"),
            "an Excel workbook (.xlsx): save the sheet as CSV, in UTF-8.",
        ),
        (
            "a.csv",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99,
            "an old Excel workbook (.xls): save the sheet as CSV, in UTF-8.",
        ),
        ("a.csv", b"PAR1\x15\x04", "a Parquet file: write it as CSV or JSON Lines first."),
        (
            "a.csv",
            b"\x28\xb5\x2f\xfd\x04\x58",
            "compressed with Zstandard: unpack it first, as with zstd -d.",
        ),
        ("a.csv", bz2.compress(b"x"), "compressed with bzip2: unpack it first, as with bunzip2."),
        ("a.jsonl", b"%PDF-1.7\n", "a PDF: ask for the data as CSV."),
        (
            "a.csv",
            b"\n<!DOCTYPE html>\n<html>",
            "a web page (HTML), perhaps that of an error or a login: fetch the file again.",
        ),
        (
            "a.csv",
            b'<?xml version="1.0"?>',
            "XML: ask for the data as CSV, or turn it into CSV or JSON Lines first.",
        ),
        ("a.csv", HEAD.encode("utf-16"), "not UTF-8 but UTF-16: say --encoding utf-16."),
        ("a.csv", HEAD.encode("utf-16-le"), "not UTF-8 but UTF-16: say --encoding utf-16-le."),
        ("a.csv", HEAD.encode("utf-32"), "not UTF-8 but UTF-32: say --encoding utf-32."),
        ("a.csv", b'{"source_id": "A"}', "JSON Lines: say --format jsonl."),
        ("a.jsonl", HEAD.encode(), "CSV: say --format csv."),
        (
            "a.jsonl",
            b'[\n {"source_id": "A"}]',
            "one JSON array: JSON Lines has one object a line, without the brackets and commas.",
        ),
    ],
)
def test_what_a_file_is(feed: Feed, name: str, content: bytes, what: str) -> None:
    path = feed.write(name, content)

    answer = feed.run(path, *SOURCE)

    assert (answer.code, answer.err) == (3, f"{path} is {what}")
    assert (latest_batch().state, latest_batch().error) == (BatchState.FAILED, answer.err)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            ["Register of banks, as of 1 May 2024", "", "source_id,entity_type,display_name"],
            "{path}: line 1 is not the header, which stands in line 3. Remove the lines above it.",
        ),
        (
            ["source_id|entity_type|display_name"],
            "{path}: the header is one cell. If its separator is |, say --delimiter '|'.",
        ),
        (
            ["source_id,entity_type,display_name,detail:note"],
            "The header has an unknown column 'detail:note'; did you mean detail:NOTE?",
        ),
        (
            ["source_id,NOTE"],
            "The header has an unknown column 'NOTE'; did you mean detail:NOTE?",
        ),
        (
            ["source_id,Display Name"],
            "The header has an unknown column 'Display Name'; did you mean display_name?",
        ),
        (
            ["source_id,detail:EMIAL"],
            "The header has an unknown column 'detail:EMIAL'; did you mean detail:EMAIL?",
        ),
        (["source_id,entity_type,"], "{path}: column 3 of the header has no name."),
    ],
)
def test_what_is_wrong_with_a_header(feed: Feed, lines: list[str], sentence: str) -> None:
    path = feed.write("feed.csv", "\n".join((*lines, "A,BANK,Alpha")))

    answer = feed.run(path, *SOURCE)

    assert (answer.code, answer.err) == (3, sentence.format(path=path))


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (
            '"1,5"',
            (
                "EQUITY: The decimal point is a dot: write 1.5 if 1,5 has a decimal comma, or "
                "leave the comma out if it groups thousands."
            ),
        ),
        ("1E+999999", "EQUITY: The number 1E+999999 is too great or too small."),
        ("1.5 EUR", 'EQUITY: The value must be a decimal number, like 12.5 or "12.5".'),
    ],
)
def test_numbers_that_are_none(feed: Feed, cell: str, sentence: str) -> None:
    path = feed.write(
        "feed.csv", f"source_id,entity_type,display_name,detail:EQUITY\nA,BANK,A,{cell}\n"
    )

    assert feed.rejects(path, *SOURCE) == [(2, sentence)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--encoding", "klingon"], "There is no text encoding 'klingon'."),
        (["--delimiter", ";;"], "A delimiter is one character"),
        (["--delimiter", '"'], "A delimiter is one character"),
        (["--delimiter", ";", "--format", "jsonl"], "A delimiter is that of a CSV."),
    ],
)
def test_wrong_options(feed: Feed, options: list[str], sentence: str) -> None:
    answer: Any = feed.run(feed.write("feed.csv", HEAD), *SOURCE, *options)

    assert answer.code == 1
    assert answer.err.startswith(sentence)
