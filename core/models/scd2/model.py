"""The abstract models: a version, and the anchor that a thing's versions hang on."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.base import ModelBase
from django.db.models.functions import Now

from core.models.scd2.constraints import AppendOnlyGuard, versioned_constraints
from core.models.scd2.exceptions import DirectWriteError
from core.models.scd2.hash_diff import HashDiffField
from core.models.scd2.querysets import ReadOnlyQuerySet, VersionedQuerySet
from core.models.scd2.versioning import Shape, Versioning


class VersionedBase(ModelBase):
    """Gives every concrete versioned model its shape, its constraints and its index.

    They depend on the natural key, which Django's inheritance of ``Meta`` cannot express.
    """

    def __new__(mcs, name: str, bases: Any, attrs: Any, **kwargs: Any) -> Any:
        cls: Any = super().__new__(mcs, name, bases, attrs, **kwargs)
        if not cls._meta.abstract and hasattr(cls, "versioning"):
            cls.shape = Shape(cls, cls.versioning)
            if cls.shape.hangs_on_an_anchor:
                add_to_meta(cls, "constraints", constraints_of(cls))
                add_to_meta(cls, "indexes", [timeline_index(cls)])
        return cls


def add_to_meta(cls: Any, option: str, items: list[Any]) -> None:
    """Put items before those of a Meta option, as if the author had written them there."""
    merged = [*items, *getattr(cls._meta, option)]
    setattr(cls._meta, option, merged)
    cls._meta.original_attrs[option] = merged


def prefix_of(cls: Any) -> str:
    return f"{cls._meta.app_label}_{cls._meta.model_name}"


def constraints_of(cls: Any) -> list[models.BaseConstraint]:
    references = {
        column: (anchor._meta.db_table, str(anchor._meta.pk.column))
        for column, anchor in cls.shape.anchors().items()
    }
    return versioned_constraints(prefix_of(cls), cls.shape.key, references)


def timeline_index(cls: Any) -> models.Index:
    """Serves a thing's versions in time, live or as known at an instant: pages of its history,
    snapshots of an earlier belief, and the engine's own reads.
    """
    name = f"{cls._meta.app_label[:8]}_{cls._meta.model_name[:12]}_timeline"
    return models.Index(name=name, fields=(cls.shape.root, "valid_from"))


class AnchorModel(models.Model):
    """The one row per thing that never changes and is never deleted.

    A subclass adds the identity: a primary key and whatever names the thing for ever. The
    engine writes it when the thing is first seen, and locks it before it writes a version.
    """

    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[models.Manager[Any]] = ReadOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            AppendOnlyGuard(name="%(app_label)s_%(class)s_for_ever")
        ]

    @classmethod
    def direct_write_message(cls) -> str:
        return f"{cls.__name__} is written by the engine together with the first version."

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DirectWriteError(self.direct_write_message())

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DirectWriteError(self.direct_write_message())


class VersionedModel(models.Model, metaclass=VersionedBase):
    """One version of a thing: what held over a period of valid time, and when we believed it.

    A subclass declares ``versioning`` and the fields it names. All instants are UTC with
    microseconds. A row is opened once, closed at most once, superseded at most once, and never
    otherwise changed; ``save()`` and its kin raise DirectWriteError.
    """

    versioning: ClassVar[Versioning]
    shape: ClassVar[Shape]

    valid_from = models.DateTimeField(help_text="First instant at which this holds.")
    valid_to = models.DateTimeField(
        null=True, help_text="First instant at which it no longer does."
    )
    system_from = models.DateTimeField(help_text="Instant from which this was believed.")
    system_to = models.DateTimeField(null=True, help_text="Instant from which it no longer was.")
    closed_at = models.DateTimeField(
        null=True, help_text="Instant at which valid_to was filled in."
    )
    is_current = models.GeneratedField(
        expression=ExpressionWrapper(
            Q(system_to__isnull=True, valid_to__isnull=True), output_field=models.BooleanField()
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        help_text="Live and open-ended.",
    )
    hash_diff = HashDiffField(help_text="SHA-256 of the payload in canonical form.")
    actor_id = models.BigIntegerField(null=True, help_text="The user who opened this row, if any.")
    actor = models.TextField(help_text="The name of who opened this row, as it was then.")
    reason = models.TextField(db_default="", help_text="Why, in their words.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Any] = VersionedQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def direct_write_message(cls) -> str:
        return f"{cls.__name__} is versioned: call {cls.versioning.service} instead."

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DirectWriteError(self.direct_write_message())

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise DirectWriteError(self.direct_write_message())


# Fixtures and related managers write through the base manager, past save(): that refuses too. Not
# said in Meta, where every migration would have to repeat it.
AnchorModel._meta.base_manager_name = VersionedModel._meta.base_manager_name = "objects"
