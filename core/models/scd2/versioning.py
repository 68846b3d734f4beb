"""What an author says about a versioned model, and what follows from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.models.scd2.hash_diff import sql_type

if TYPE_CHECKING:
    from core.models.scd2.model import AnchorModel, VersionedModel


@dataclasses.dataclass(frozen=True)
class Versioning:
    """The versioning of a model, given as its class attribute ``versioning``.

    ``key``: the natural key; its first column carries the primary key of the anchor.
    ``tracked``: the payload, in the order in which it is hashed. ``anchor``: the anchor model;
    a contained model names its container in ``contained_in`` instead and hangs on that one's
    anchor. ``references``: columns of key or payload that must name an anchor, and of which
    model. ``service``: what to call instead of save(), as DirectWriteError says it.
    """

    key: tuple[str, ...]
    tracked: tuple[str, ...]
    service: str
    anchor: type[AnchorModel] | None = None
    contained_in: type[VersionedModel] | None = None
    references: Mapping[str, type[AnchorModel]] = dataclasses.field(default_factory=dict)


class Shape:
    """The columns and relations of one concrete versioned model, looked up once."""

    def __init__(self, model: type[VersionedModel], versioning: Versioning) -> None:
        self.model = model
        self.label = model._meta.label_lower
        self.table = model._meta.db_table
        self.key = versioning.key
        self.tracked = versioning.tracked
        self.references = dict(versioning.references)
        self.container = versioning.contained_in.shape if versioning.contained_in else None
        self.contents: list[Shape] = []
        self._anchor = versioning.anchor
        if self.container is not None:
            self.container.contents.append(self)

    @property
    def root(self) -> str:
        """The key column that carries the anchor's primary key."""
        return self.key[0]

    @property
    def hangs_on_an_anchor(self) -> bool:
        """Whether the author named an anchor or a container; the checks report who did not."""
        return self.container is not None or self._anchor is not None

    @property
    def anchor(self) -> type[AnchorModel]:
        """The anchor model. Raises TypeError for a model that names none (see the checks)."""
        if self.container is not None:
            return self.container.anchor
        if self._anchor is None:
            raise TypeError(f"{self.label}: versioning needs an anchor or contained_in.")
        return self._anchor

    @cached_property
    def types(self) -> dict[str, str]:
        """The SQL type of every key and tracked column."""
        columns = (*self.key, *self.tracked)
        return {name: sql_type(self.model._meta.get_field(name)) for name in columns}

    @cached_property
    def blank(self) -> tuple[Any, ...]:
        """What tracked columns hold in rows that were there before they were added."""
        fields: list[Any] = [self.model._meta.get_field(name) for name in self.tracked]
        return tuple(field.get_default() if field.has_default() else None for field in fields)

    def anchors(self) -> dict[str, type[AnchorModel]]:
        """Every column whose value must name an anchor, its own first."""
        return {self.root: self.anchor, **self.references}
