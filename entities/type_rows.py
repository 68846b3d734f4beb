"""Rows of types, of both kinds, as Changes: what ``ingest_types`` reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from core.datetimes import read_end, read_start
from core.ingest.rows import Reject, Row, Unreadable
from core.models.scd2 import Change, Future
from core.models.scd2.exceptions import InvalidChange, Scd2Error
from entities.cleaning import reason_in, text_in
from entities.ingest import read_instant
from entities.models import DetailType, EntityType
from entities.type_selectors import TypeModel
from entities.type_services import check_code, check_columns

KINDS: Mapping[str, TypeModel] = {"entity_type": EntityType, "detail_type": DetailType}
COMMON = ("kind", "op", "code", "valid_from", "valid_to", "future", "reason")
FIELDS = {model: (*COMMON, *model.shape.tracked) for model in KINDS.values()}
DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "is_pii_name": False,
    "data_type": None,
    "pattern": None,
    "is_pii": False,
}
"""Those of the API; a whole row needs the columns that have none, and a data type."""
NULL = r"\N"
UPSERT, END = "upsert", "end"


class TypeRow(NamedTuple):
    """What a row asks for."""

    line: int
    model: TypeModel
    change: Change


class TypeRows:
    """Reads rows; ``rejected`` gathers those that are no good."""

    def __init__(self) -> None:
        self.columns: list[str] = []
        self.rejected: list[Reject] = []

    def header(self, columns: Sequence[str]) -> None:
        """Take the columns of a CSV. Raises Unreadable for one that is not known."""
        known = dict.fromkeys(name for names in FIELDS.values() for name in names)
        for name in columns:
            if name not in known:
                raise Unreadable(
                    f"The header has an unknown column {name!r}. Known are {', '.join(known)}."
                )
        self.columns = list(columns)

    def understood(self, rows: Iterable[Row | Reject]) -> list[TypeRow]:
        found = []
        for row in rows:
            if isinstance(row, Reject):
                self.rejected.append(row)
                continue
            try:
                found.append(type_row(row.line, self.object_of(row)))
            except Scd2Error as error:
                self.rejected.append(Reject(row.line, row.text, reason_of(error)))
        return found

    def object_of(self, row: Row) -> Mapping[str, Any]:
        if isinstance(row.content, Mapping):
            return row.content
        cells = zip(self.columns, row.content, strict=True)
        return {name: value_of(name, cell) for name, cell in cells if cell}


def value_of(name: str, cell: str) -> Any:
    """What a cell of a CSV says."""
    if cell == NULL:
        return None
    if name in ("is_pii_name", "is_pii"):
        return {"true": True, "false": False}.get(cell.lower(), cell)
    return cell


def type_row(line: int, given: Mapping[str, Any]) -> TypeRow:
    """Raises InvalidChange."""
    model = KINDS.get(str(given.get("kind")))
    if model is None:
        raise InvalidChange(f"Expected one of {', '.join(KINDS)}.", field="kind")
    for name in given:
        if name not in FIELDS[model]:
            raise InvalidChange(f"There is no field {name!r} of this kind.", field=name)
    check_code(given.get("code"))
    said = {name: given[name] for name in model.shape.tracked if name in given}
    how: dict[str, Any] = {
        "valid_from": read_instant("valid_from", text_in(given, "valid_from"), read_start),
        "valid_to": read_instant("valid_to", text_in(given, "valid_to"), read_end),
        "future": Future(one_of("future", given, [*Future])),
        "reason": reason_in(given),
    }
    payload = payload_of(model, said, one_of("op", given, [UPSERT, END]))
    is_partial = payload is not None and len(payload) < len(model.shape.tracked)
    return TypeRow(line, model, Change({"code": given["code"]}, payload, partial=is_partial, **how))


def payload_of(model: TypeModel, said: Mapping[str, Any], op: str) -> Mapping[str, Any] | None:
    """What a row asserts: all columns, or those that it amends; None ends. Raises InvalidChange."""
    if op == END:
        for name in said:
            raise InvalidChange(f"A row that ends a type cannot say its {name}.", field=name)
        return None
    if not said:
        raise InvalidChange("The row says nothing about the type.")
    check_columns(model, said)
    if "name" in said and (model is EntityType or "data_type" in said):
        return {name: said.get(name, DEFAULTS.get(name)) for name in model.shape.tracked}
    return said


def one_of(name: str, given: Mapping[str, Any], allowed: Sequence[str]) -> str:
    """A word, the first where none is given. Raises InvalidChange."""
    word = given.get(name, allowed[0])
    if word not in allowed:
        raise InvalidChange(f"Expected one of {', '.join(allowed)}.", field=name)
    return str(word)


def reason_of(error: Scd2Error) -> str:
    field = getattr(error, "field", None)
    named = field and field not in error.message
    return f"{field}: {error.message}" if named else error.message
