"""Columns of a block: what is certainly right about them, found out at the speed of C.

A column holds one value a row, ``UNSAID`` where the row says nothing. A check first looks at the
column as a whole; only where that fails it looks for the rows that are to blame.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, compress
from operator import itemgetter
from typing import Any

from core.models.scd2 import sheet
from core.names import DOUBTFUL, VISIBLE, all_normalized
from core.registers.attributes.values import VALUE_LENGTH

REMEMBERED = 50_000
"""How many different values of a column are remembered."""


class Unsaid:
    """Its only instance stands for what a row does not say."""


UNSAID = Unsaid()
Column = Sequence[Any]


class Columns:
    """The rows of a block by column; ``doubts`` are the positions that nobody vouches for."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.unsaid: Column = [UNSAID] * size
        self.fields: dict[str, Column] = {}
        self.details: dict[str, Column] = {}
        self.doubts: set[int] = set()
        self.begins: Sequence[datetime] = ()

    def field(self, name: str, *types: type) -> Column:
        """A field whose values have one of some types."""
        column = self.fields.get(name)
        return self.unsaid if column is None else self.of_types(column, *types)

    def nullable(self, name: str) -> Column:
        """A field of texts for which null is as good as nothing."""
        column = self.field(name, str, type(None))
        if type(None) not in set(map(type, column)):
            return column
        return [UNSAID if value is None else value for value in column]

    def doubt(self, positions: Iterable[int]) -> None:
        self.doubts.update(positions)

    def allow(self, column: Column, allowed: Iterable[Any]) -> None:
        """Doubt values that are not among some; all must be hashable."""
        wrong = set(column).difference(allowed)
        if wrong:
            self.doubt(i for i, value in enumerate(column) if value in wrong)

    def of_types(self, column: Column, *types: type) -> Column:
        """Doubt values of other types; in the column returned these are not said."""
        wrong = set(map(type, column)).difference(types, [Unsaid])
        if not wrong:
            return column
        self.doubt(i for i, value in enumerate(column) if type(value) in wrong)
        return [UNSAID if type(value) in wrong else value for value in column]

    def names(self, column: Column, limit: int) -> Column:
        """The texts in their one form. Doubt those that may be no names: blank, too long, or with
        what is not seen.
        """
        column = normal_forms(column)
        texts = said(column)
        whole = "".join(texts)
        if not (
            all(map(VISIBLE.search, texts))
            and max(map(len, texts), default=0) <= limit
            and not DOUBTFUL.search(whole)
        ):
            self.doubt(
                i
                for i, text in enumerate(column)
                if text is not UNSAID and not (len(text) <= limit and is_name(text))
            )
        return column

    def codes(self, column: Column, allowed: Collection[Any]) -> Column:
        """The codes in their one form. Doubt those that are not among some."""
        if not set(column).issubset(allowed):
            column = normal_forms(column)
            self.allow(column, allowed)
        return column

    def texts(self, column: Column) -> Column:
        """Doubt texts that cannot be stored; in the column returned these are not said."""
        texts = said(column)
        if max(map(len, texts), default=0) <= VALUE_LENGTH and "\0" not in "".join(texts):
            return column
        good = [
            text is UNSAID or (len(text) <= VALUE_LENGTH and "\0" not in text) for text in column
        ]
        self.doubt(i for i, is_good in enumerate(good) if not is_good)
        return [text if is_good else UNSAID for text, is_good in zip(column, good, strict=True)]

    def read(self, column: Column, memory: Mapping[Any, Any]) -> Column:
        """What the values are remembered as; doubt those that are remembered as None."""
        if column is self.unsaid:
            return column
        found = list(map(memory.__getitem__, column))
        if type(None) in set(map(type, found)):
            self.doubt(i for i, value in enumerate(found) if value is None)
        return found

    def kept(self) -> Callable[[Iterable[Any]], list[Any]]:
        """A function that leaves doubtful rows out of a column."""
        if not self.doubts:
            return list
        mask = [position not in self.doubts for position in range(self.size)]
        return lambda column: list(compress(column, mask))


def is_name(text: str) -> bool:
    """Whether it certainly is one; in doubt the row door decides."""
    return VISIBLE.search(text) is not None and not DOUBTFUL.search(text)


def normal_forms(column: Column) -> Column:
    """The texts of a column in their one form; what is not said stays so."""
    texts = all_normalized(said(column))
    if len(texts) == len(column):
        return texts
    given = iter(texts)
    return [next(given) if type(text) is str else text for text in column]


def is_whole(column: Column) -> bool:
    """Whether every row says something; to compare each with ``UNSAID`` takes twice as long."""
    return Unsaid not in set(map(type, column))


def said(column: Column) -> Column:
    """The texts of a column that is not doubtful altogether."""
    if set(map(type, column)) == {str}:
        return column
    return [text for text in column if type(text) is str]


def as_texts(column: Column) -> Column:
    """The texts of a column as fields; what is not said stays so."""
    fields = sheet.texts(said(column))
    if len(fields) == len(column):
        return fields
    given = iter(fields)
    return [UNSAID if text is UNSAID else next(given) for text in column]


def or_null(column: Column) -> Column:
    """As ``as_texts``; what is not said is NULL."""
    return [sheet.NULL if field is UNSAID else field for field in as_texts(column)]


class Memory(dict[Any, Any]):
    """What ``read`` makes of a value, asked once for each; ``UNSAID`` stays what it is."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.of = read

    def __missing__(self, value: Any) -> Any:
        if len(self) > REMEMBERED:
            self.clear()
        made = self[value] = value if value is UNSAID else self.of(value)
        return made


def by_column(rows: Sequence[Sequence[str]]) -> list[Column]:
    """Empty cells say nothing."""
    return [
        column if all(column) else [cell or UNSAID for cell in column]
        for column in zip(*rows, strict=True)
    ]


def members(objects: Sequence[Mapping[str, Any]], name: str) -> Column:
    try:
        return list(map(itemgetter(name), objects))
    except KeyError:
        return [one.get(name, UNSAID) for one in objects]


def names_in(objects: Sequence[Mapping[str, Any]]) -> set[str]:
    return set(chain.from_iterable(objects))
