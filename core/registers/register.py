"""The declaration of a register, from which its reads, writes, files, API and pages follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from core.models.scd2.locks import identity_fields
from core.models.scd2.model import AnchorModel, VersionedModel
from core.models.scd2.versioning import Shape


@dataclasses.dataclass(frozen=True, slots=True)
class Contains:
    """A filter by a part of a text column, without case and accents, as ``param``."""

    column: str
    param: str


@dataclasses.dataclass(frozen=True, slots=True)
class Exact:
    """A filter by the value of a column, of the version or of its anchor, as ``param``."""

    column: str
    param: str


Filter = Contains | Exact


@dataclasses.dataclass(frozen=True, slots=True)
class Attributes:
    """Typed details: values by code, whose types are a register of their own.

    ``details``: the contained model, whose key is the thing's and ``detail_code``. ``types``: the
    model of the types, with ``code``, ``data_type``, ``pattern`` and ``is_pii``.
    """

    details: type[VersionedModel]
    types: type[VersionedModel]


@dataclasses.dataclass(frozen=True, slots=True)
class Pii:
    """A column that holds personal data.

    Without ``marked_by`` it always does. With it, where the type that the column ``marked_by``
    names is marked now: ``types`` is the model of these types, ``mark`` its boolean column.
    """

    column: str
    marked_by: str | None = None
    types: type[VersionedModel] | None = None
    mark: str = "is_pii"


class Register:
    """A versioned model with what it contains.

    ``contains``: contained models, each shown under its plural name. ``attributes``: typed
    details. ``filters``: the filters of a list. ``orderings``: columns by which a list can be
    ordered, the first is the default; equal ones by the key. ``pii``: the column of personal data.
    """

    def __init__(
        self,
        *,
        model: type[VersionedModel],
        contains: Sequence[type[VersionedModel]] = (),
        attributes: Attributes | None = None,
        filters: Sequence[Filter] = (),
        orderings: Sequence[str] = (),
        pii: Pii | None = None,
    ) -> None:
        self.model = model
        self.contains = tuple(contains)
        self.attributes = attributes
        self.filters = tuple(filters)
        self.orderings = tuple(orderings)
        self.pii = pii

    @property
    def shape(self) -> Shape:
        return self.model.shape

    @property
    def anchor(self) -> type[AnchorModel]:
        return self.shape.anchor

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """The columns of the anchor besides its key, such as ``source`` and ``source_id``."""
        return tuple(field.name for field in identity_fields(self.anchor))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns by which a thing is shown: its key, what is tracked, its identity."""
        return (*self.shape.key, *self.shape.tracked, *self.identity)

    @cached_property
    def contents(self) -> tuple[type[VersionedModel], ...]:
        """Every model that is contained, the typed details first."""
        details = (self.attributes.details,) if self.attributes else ()
        return (*details, *self.contains)

    @property
    def app_label(self) -> str:
        return self.model._meta.app_label

    @property
    def name(self) -> str:
        """What one thing is called."""
        return str(self.model._meta.verbose_name)

    def filter_of(self, param: str) -> Filter:
        """Raises LookupError for a parameter that no filter has."""
        return next(each for each in self.filters if each.param == param)

    def __repr__(self) -> str:
        return f"<Register {self.shape.label}>"


def name_of(contained: type[VersionedModel]) -> str:
    """Under which name contained things are shown: their plural, in one word."""
    return str(contained._meta.verbose_name_plural).replace(" ", "_")


def inner_key(contained: type[VersionedModel]) -> Any:
    """The column that names a contained thing within its container."""
    return contained.shape.key[-1]
