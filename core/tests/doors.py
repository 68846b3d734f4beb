"""The ways into the engine, behind one signature, so that a test can try them all."""

from __future__ import annotations

from django.db import transaction

from core.models.scd2 import Context, Result, engine
from core.models.scd2.bulk import apply_in_bulk
from core.models.scd2.engine import Batch, Check
from core.models.scd2.exceptions import BatchRefused


def apply_changes(
    batch: Batch, context: Context, *, check: Check | None = None, fast_paths: bool | None = None
) -> Result:
    """None: call by call. True, False: as a staged load, with the fast paths or without.

    As in a service, what is refused leaves the transaction around it as it was.
    """
    if fast_paths is None:
        with transaction.atomic():
            return engine.apply_changes(batch, context, check=check)
    try:
        return apply_in_bulk(batch, context, check=check, fast_paths=fast_paths)
    except BatchRefused as refused:
        raise refused.errors[0][1] from refused
