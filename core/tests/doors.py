"""The ways into the engine, behind one signature, so that a test can try them all."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from core.models.scd2 import Context, Result, engine
from core.models.scd2.bulk import apply_in_bulk, apply_load
from core.models.scd2.change import EVERYTHING, Change, Stretch
from core.models.scd2.engine import Batch, Check
from core.models.scd2.exceptions import BatchRefused
from core.models.scd2.instruction import instructions
from core.models.scd2.model import VersionedModel
from core.models.scd2.overtaken import Overtaken
from core.models.scd2.staging import Load


def apply_changes(
    batch: Batch,
    context: Context,
    *,
    check: Check | None = None,
    fast_paths: bool | None = None,
    stretch: Stretch = EVERYTHING,
    listed: list[Overtaken] | None = None,
) -> Result:
    """None: call by call. True, False: as a staged load, with the fast paths or without.

    ``stretch`` is that of a load, and what it lists as overtaken is added to ``listed``.
    As in a service, what is refused leaves the transaction around it as it was.
    """
    if fast_paths is None:
        assert stretch == EVERYTHING
        with transaction.atomic():
            return engine.apply_changes(batch, context, check=check)
    try:
        if listed is None:
            return apply_in_bulk(batch, context, check=check, fast_paths=fast_paths)
        return apply_staged(batch, context, fast_paths, stretch, listed)
    except BatchRefused as refused:
        raise refused.errors[0][1] from refused


def apply_staged(
    batch: Iterable[tuple[type[VersionedModel], Iterable[Change]]],
    context: Context,
    fast_paths: bool,
    stretch: Stretch,
    listed: list[Overtaken],
) -> Result:
    """A load of a stretch of time, with what it lists as overtaken."""
    parts = [(model.shape, instructions(model.shape, changes)) for model, changes in batch]
    (container,) = {shape.container or shape for shape, _ in parts}
    with transaction.atomic(), Load(container) as load:
        load.stretch = stretch
        for shape, items in parts:
            load.stage(shape, items)
        load.prepare()
        result = apply_load(load, context, fast_paths=fast_paths)
        listed.extend(load.overtaken())
        return result
