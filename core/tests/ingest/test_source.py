"""Bytes into lines, from wherever they come."""

import gzip
import hashlib
import io
import sys
import tracemalloc
from pathlib import Path

import pytest

from core.ingest.lines import LINE_LIMIT, is_too_long
from core.ingest.rows import Unreadable
from core.ingest.source import Source

# Without the time of day: it would be in the name of the test, and every worker has its own.
PACKED = gzip.compress(b"one", mtime=0)


def read(path: Path | str) -> list[tuple[int, bytes]]:
    with Source(str(path)).lines() as lines:
        return list(lines)


def test_lines_are_numbered_and_keep_their_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbfone\r\n\ntwo")

    assert read(path) == [(1, b"one\r\n"), (2, b"\n"), (3, b"two")]


def test_gzip_is_known_by_its_first_bytes_and_may_have_several_members(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))

    assert read(path) == [(1, b"one\n"), (2, b"two\n")]


def bomb(path: Path, pieces: int) -> Path:
    """One line of so many MiB, in a file a thousandth of that size."""
    with gzip.open(path, "wb") as packed:
        for _ in range(pieces):
            packed.write(bytes(1024 * 1024))
    assert path.stat().st_size < pieces * 1024 * 1024 / 500
    return path


@pytest.mark.parametrize("by_blocks", [False, True])
def test_a_bomb_does_not_go_off(tmp_path: Path, by_blocks: bool) -> None:
    """What is unpacked is never held: memory is bounded by the longest line that is taken."""
    path = bomb(tmp_path / "bomb.gz", 96)
    tracemalloc.start()
    with Source(str(path)).lines() as lines:
        if by_blocks:
            lines.block()
        [(number, line)] = lines
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert number == 1
    assert is_too_long(line)
    assert len(line) == LINE_LIMIT + 1
    assert peak < 8 * LINE_LIMIT


def test_the_digest_is_that_of_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(b"one\n" * 100_000))
    source = Source(str(path))

    with source.lines() as lines:
        count = sum(1 for _ in lines)

    assert count == 100_000
    assert source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert source.read == source.size == path.stat().st_size


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_found(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * (3 * LINE_LIMIT) + b"\n" + b"b" * (LINE_LIMIT - 1) + b"\nc\n")

    (_, long), (_, full), last = read(path)

    assert is_too_long(long)
    assert len(long) == LINE_LIMIT + 1
    assert not is_too_long(full)
    assert last == (3, b"c\n")


def test_standard_input_can_be_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"one\ntwo\n")))
    source = Source("-")

    for _ in range(2):
        with source.lines() as lines:
            assert list(lines) == [(1, b"one\n"), (2, b"two\n")]

    assert source.size is None
    source.close()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (PACKED[:-1], "ends in the middle of its compressed data"),
        (PACKED[:5], "ends in the middle of its compressed data"),
        (PACKED + b"more", "is damaged: Not a gzipped file"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(Unreadable, match=sentence):
        read(path)
