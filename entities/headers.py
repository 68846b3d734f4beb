"""The columns of a CSV of entities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.ingest.rows import Unreadable
from core.nearest import in_other_letters, nearest

DETAIL = "detail:"
COLUMNS = (
    "uuid",
    "source",
    "source_id",
    "op",
    "entity_type",
    "display_name",
    "valid_from",
    "valid_to",
    "reason",
)


class Column(NamedTuple):
    """What a column says: a field of the row, or a detail."""

    field: str
    code: str | None


def column_of(name: str, codes: Iterable[str]) -> Column:
    """The column of that name; ``codes`` are those of details. Raises Unreadable."""
    known = [*COLUMNS, *(DETAIL + code for code in sorted(codes))]
    if name in known:
        return Column(name, name.removeprefix(DETAIL) if name.startswith(DETAIL) else None)
    near = nearest_column(name, known)
    hint = f"; did you mean {near}?" if near else f". Known are {', '.join(known)}."
    raise Unreadable(f"The header has an unknown column {name!r}{hint}")


def nearest_column(name: str, known: Sequence[str]) -> str | None:
    """The column that was probably meant: the same in other letters, with or without ``detail:``,
    else the most similar one; None if there is none.
    """
    wanted = "_".join(name.split())
    same = in_other_letters(wanted, known) or in_other_letters(DETAIL + wanted, known)
    return same or nearest(wanted, known)
