"""The columns of a CSV of entities."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from core.ingest.rows import Unreadable

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
    folded = {column.casefold(): column for column in reversed(known)}
    wanted = "_".join(name.casefold().split())
    for same in (wanted, DETAIL + wanted):
        if same in folded:
            return folded[same]
    close = difflib.get_close_matches(wanted, folded, 1)
    return folded[close[0]] if close else None
