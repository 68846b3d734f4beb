"""Writing to the audit log what becomes of unversioned tables: users, roles, tokens, batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import md5
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from core.models.audit import AuditAction
from core.models.scd2.change import Context
from core.models.scd2.writer import audit_context
from core.sql import read_sql

Record = Mapping[str, Any]


def record(
    context: Context,
    *,
    model_label: str,
    key: Record,
    before: Record | None,
    after: Record | None,
    action: AuditAction,
) -> datetime:
    """Write one entry in the running transaction and return its instant (UTC).

    ``before`` and ``after`` are the row's values, None for nothing; never put a secret there.
    The period begins with the instant and has no end: these tables have no valid time of
    their own. The instant is that of the context if it sets one, for what belongs to a backfill
    that the engine has let through in the same transaction. Raises
    TransactionManagementError outside a transaction: the entry and the change it tells of are
    committed together or not at all.
    """
    connection.validate_no_broken_transaction()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "record() belongs in the transaction of the change that it records."
        )
    values = written_by(context) | {
        "label": model_label,
        "uuid": thing_uuid(model_label, key),
        "key": json_value(key),
        "before": json_value(before),
        "after": json_value(after),
        "action": action.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(read_sql("record_audit.sql"), values)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def written_by(context: Context) -> dict[str, Any]:
    return audit_context(context) | {
        "reason": context.reason,
        "system_instant": context.system_instant,
    }


def json_value(value: Record | None) -> str | None:
    return None if value is None else orjson.dumps(dict(value), str, orjson.OPT_UTC_Z).decode()


def thing_uuid(model_label: str, key: Record) -> UUID:
    """The uuid of a thing: its key's, or one made of the model and the key."""
    values = list(key.values())
    if len(values) == 1 and isinstance(values[0], UUID):
        return values[0]
    name = f"{model_label}:{':'.join(map(str, values))}"
    return UUID(md5(name.encode(), usedforsecurity=False).hexdigest())
