"""Personal data of a register, and what of it is hidden from a reader.

What is marked now decides, whatever instant is asked about. A reader without the right sees a
hidden column as null, with the hash of its version, and a hidden detail not at all, but for its
code in ``masked``. Reads and writes take what is hidden as one value, ``hidden``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from core.models.scd2.exceptions import Scd2Error


class PersonalData(Scd2Error):
    """A question about personal data, or a change of it, by someone who may not see it."""

    code = "personal_data"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclasses.dataclass(frozen=True, slots=True)
class Hidden:
    """What a reader may not see of a register.

    ``names``: the types whose things hide their column of personal data. ``visible``: the other
    types, where any is hidden. ``details``: the codes of hidden details. ``every_name``: the
    column is hidden of all things. ``all_marked``: whatever is marked, as a statement that shows
    things finds it.
    """

    names: frozenset[str] = frozenset()
    details: frozenset[str] = frozenset()
    visible: frozenset[str] = frozenset()
    every_name: bool = False
    all_marked: bool = False

    @property
    def hides_names(self) -> bool:
        return self.every_name or bool(self.names)

    def hides_name(self, code: Any, marked: bool) -> bool:
        """``code``: the thing's type, where a type marks it; ``marked``: it is marked now."""
        return self.every_name or (self.all_marked and marked) or code in self.names

    def hides_detail(self, code: str, marked: bool) -> bool:
        return (self.all_marked and marked) or code in self.details

    def parameters(self) -> dict[str, Any]:
        """The parameters that statements take."""
        return {
            "hidden_names": sorted(self.names),
            "hidden_details": sorted(self.details),
            "visible_names": sorted(self.visible),
            "every_name": self.every_name,
        }

    def refuse_asked(self, code: str | None, field: str) -> None:
        """Raises PersonalData for a question about a detail that is hidden."""
        if code in self.details:
            raise PersonalData(f"{code} is personal data: you cannot ask for it.", field=field)

    def refuse_written(self, payload: Mapping[str, Any], codes: Iterable[str]) -> None:
        """Raises PersonalData for what would be hidden from its writer once it is written."""
        if payload.get("entity_type") in self.names:
            raise PersonalData(
                "The names of this type are personal data: you cannot write them.",
                field="entity_type",
            )
        for code in self.details.intersection(codes):
            raise PersonalData(
                f"{code} is personal data: you cannot write it.", field=f"details.{code}"
            )


NOTHING = Hidden()
