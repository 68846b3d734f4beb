"""What the register refuses besides what the engine does."""

from __future__ import annotations

from collections.abc import Sequence

from core.models.scd2.exceptions import Conflict, InvalidChange, Scd2Error


class NotFound(Scd2Error):
    """There is no such thing, and there never was."""

    code = "not_found"


class Exists(Conflict):
    """What is to be created exists already, and is not what was asked for."""

    code = "exists"


class DataTypeInUse(Conflict):
    """A data type that cannot change any more, because a value exists."""

    code = "data_type_in_use"


class UnknownType(InvalidChange):
    """There is no entity type with this code, and there never was."""

    code = "unknown_type"


class UnknownDetail(InvalidChange):
    """There is no detail type with this code, and there never was."""

    code = "unknown_detail"


class TypeNotValid(InvalidChange):
    """A type that is not valid over the period for which it is named."""

    code = "type_not_valid"


class ValueDoesNotFit(InvalidChange):
    """A value that its detail type does not admit."""

    code = "value_does_not_fit"


class SeveralInvalid(InvalidChange):
    """More than one field is wrong; ``errors`` are all of them, this is the first."""

    def __init__(self, errors: Sequence[InvalidChange]) -> None:
        super().__init__(errors[0].message, field=errors[0].field)
        self.errors = tuple(errors)


def raise_all(errors: Sequence[InvalidChange]) -> None:
    """Raise what is wrong, if anything is: one error as it is, several together."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise SeveralInvalid(errors)
