"""What the database refused, as a domain error with a sentence a person can act on.

The SQLSTATE decides first, the constraint's name second: on a distributed table the name may
carry the number of a shard.
"""

from __future__ import annotations

import re
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from core.models.scd2.exceptions import (
    DatabaseBusy,
    DatabaseUnavailable,
    IntegrityRefused,
    RowsMoved,
    Scd2Error,
)

RETRIED = {
    "40001": "serialization failure",
    "40P01": "deadlock",
    "55P03": "lock not available",
}
SENTENCES = {
    "_valid_period": "valid_to must be later than valid_from.",
    "_system_period": "A belief must end after it began.",
    "_finite": "Every instant must be finite.",
    "_closed": "Only a version with an end can have been closed.",
    "_history": "History is only ever added to: close or supersede a version, never rewrite it.",
    "_for_ever": "An anchor never changes and is never deleted.",
    "_append_only": "The audit log is only ever added to.",
    "_actor_named": "Who did it must be named.",
    "_name": "A name is in Unicode's normalization form C, without white space around it and "
    "without characters that cannot be seen.",
    "_source": "An identifier is in Unicode's normalization form C, without white space around it "
    "and without characters that cannot be seen.",
}
OVERLAPS = ("_no_overlap", "_one_current")


def domain_error(error: DatabaseError | InterfaceError) -> Scd2Error | None:
    """The domain error of a database error; None for one that is a defect of the program."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return unreachable(error)
    if state in RETRIED:
        return RowsMoved(f"Another writer was in the way ({RETRIED[state]}).")
    if state == "57014":
        return DatabaseBusy("The statement took too long and was cancelled.")
    if state == "53100":
        return DatabaseUnavailable("The disk of the database is full; nothing was written.")
    if state.startswith(("08", "53", "57P")):
        return DatabaseUnavailable("The database is not available at the moment; try again.")
    return integrity_error(state, getattr(cause, "diag", None)) if state[:2] == "23" else None


def unreachable(error: Exception) -> Scd2Error | None:
    """What the driver says by itself: either the server is gone, or the program is wrong."""
    if isinstance(error, OperationalError | InterfaceError):
        return DatabaseUnavailable("The database cannot be reached; try again.")
    return None


def integrity_error(state: str, diagnosis: Any) -> Scd2Error:
    """The sentence behind a broken reference, or behind a constraint's name."""
    if state == "23503":
        column = getattr(diagnosis, "column_name", None) or "a reference"
        return IntegrityRefused(f"{column} names nothing that exists.")
    constraint = getattr(diagnosis, "constraint_name", None) or ""
    name = re.sub(r"_\d+$", "", constraint)
    if name.endswith(OVERLAPS):
        return RowsMoved("Another writer opened a version of the same thing.")
    for part, sentence in SENTENCES.items():
        if name.endswith(part):
            return IntegrityRefused(sentence)
    return IntegrityRefused(f"The database refused this: {constraint or 'a rule was broken'}.")
