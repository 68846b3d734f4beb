"""What a file is by its first bytes, where it is not what it was taken for."""

from __future__ import annotations

import re

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls): {sheet}"),
    (b"PAR1", "a Parquet file: write it as CSV or JSON Lines first."),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard: unpack it first, as with zstd -d."),
    (b"BZh", "compressed with bzip2: unpack it first, as with bunzip2."),
    (b"\xfd7zXZ\0", "compressed with xz: unpack it first, as with unxz."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it first."),
    (b"%PDF-", "a PDF: ask for the data as CSV."),
)
SHEET = "save the sheet as CSV, in UTF-8."
ZIP = b"PK\x03\x04"
HTML = re.compile(rb"\s*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
XML = re.compile(rb"\s*<\?xml\b")
WIDE = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
LOOKED_AT = 512


def unreadable_kind(head: bytes) -> str | None:
    """What a file is that holds no lines of text, and what to do about it."""
    if head.startswith(ZIP):
        return zipped(head)
    for signature, what in SIGNATURES:
        if head.startswith(signature):
            return what.format(sheet=SHEET)
    if HTML.match(head):
        return "a web page (HTML), perhaps that of an error or a login: fetch the file again."
    if XML.match(head):
        return "XML: ask for the data as CSV, or turn it into CSV or JSON Lines first."
    return None


def zipped(head: bytes) -> str:
    if b"[Content_Types].xml" in head or b"xl/" in head[:LOOKED_AT] or b"_rels/" in head:
        return f"an Excel workbook (.xlsx): {SHEET}"
    if b"opendocument.spreadsheet" in head:
        return f"a spreadsheet (.ods): {SHEET}"
    return "a ZIP archive: unpack it first; gzip is read as it is."


def wide_encoding(head: bytes) -> str | None:
    """The encoding of text that takes two or four bytes a character; None where it does not."""
    for mark, encoding in WIDE:
        if head.startswith(mark):
            return encoding
    looked_at = head[: LOOKED_AT // 2 * 2]
    half = len(looked_at) // 2
    if half < 8:  # noqa: PLR2004 - too little to tell
        return None
    first, second = looked_at[::2].count(0), looked_at[1::2].count(0)
    if second > half * 3 // 4 and first < half // 4:
        return "utf-16-le"
    if first > half * 3 // 4 and second < half // 4:
        return "utf-16-be"
    return None


def other_format(head: bytes, form: str) -> str | None:
    """What text is that was taken for CSV or JSON Lines and is the other, or neither."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"\[\s*[{\[\]]", text):
        return "one JSON array: JSON Lines has one object a line, without the brackets and commas."
    if form == "csv" and re.match(rb'\{\s*["}]', text):
        return "JSON Lines: say --format jsonl."
    first = re.split(rb"[\r\n]", text, maxsplit=1)[0]
    if form == "jsonl" and re.match(rb'"?(uuid|source|source_id|op|entity_type)"?[,;\t]', first):
        return "CSV: say --format csv."
    return None
