"""Files that the database keeps: what was uploaded, and the rows that were rejected of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class KeptFile(models.Model):
    """A file in pieces, so that every machine reaches it and a backup holds it.

    ``name`` is what its sender called it and never becomes a path. ``size`` is in bytes,
    ``sha256`` of all of them; both are null as long as the file is not whole. Times are UTC.
    """

    name = models.TextField()
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return self.name


class KeptPiece(models.Model):
    """Some bytes of a file; ``number`` counts from 0. It goes with its file."""

    file = models.ForeignKey(
        KeptFile, models.CASCADE, related_name="pieces", db_constraint=False, db_index=False
    )
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        default_permissions: ClassVar[tuple[str, ...]] = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="core_keptpiece_once", fields=["file", "number"])
        ]

    def __str__(self) -> str:
        return f"{self.file_id}, piece {self.number}"
