"""Changes many at a time, by column, in the binary format of COPY.

As text every uuid and instant would have to be parsed by the server, and every text escaped here.
A field is a value as bytes with its length before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from operator import add
from struct import Struct
from typing import NamedTuple

Field = bytes

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
NULL: Field = b"\xff\xff\xff\xff"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

pack_count = Struct(">h").pack
pack_length = Struct(">i").pack
pack_integer = Struct(">iq").pack


class Sheet(NamedTuple):
    """Staged Changes of one model: columns of the staging table, and rows as COPY reads them.

    Columns that are left out have their defaults: a whole payload, ``keep``, no period, no reason.
    """

    columns: Sequence[str]
    content: bytes


def sheet(columns: Mapping[str, Iterable[Field]]) -> Sheet:
    """A Sheet of fields; the shortest column ends it."""
    rows = zip(repeat(pack_count(len(columns))), *columns.values(), strict=False)
    return Sheet(tuple(columns), b"".join((SIGNATURE, *chain.from_iterable(rows), END)))


def texts(values: Iterable[str]) -> list[Field]:
    encoded = list(map(str.encode, values))
    return list(map(add, map(LENGTHS.__getitem__, map(len, encoded)), encoded))


def integers(values: Iterable[int]) -> list[Field]:
    return list(map(pack_integer, repeat(8), values))


def uuids(values: Iterable[bytes]) -> list[Field]:
    return list(map(LENGTHS[16].__add__, values))


def instant(value: datetime | None) -> Field:
    """Of a column with time zone; None is NULL."""
    return NULL if value is None else pack_integer(8, (value - EPOCH) // MICROSECOND)


class Lengths(dict[int, bytes]):
    """Lengths as they stand before a value."""

    def __missing__(self, length: int) -> bytes:
        made = self[length] = pack_length(length)
        return made


LENGTHS = Lengths()
