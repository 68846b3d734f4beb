"""A process of its own that does as it is told: an order a line, an answer a line, in JSON.

Started by ``core.tests.crew``. Times are years, uuids and decimals are texts.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from core.models.scd2.change import Change, Channel, Context, Future, Result
from core.models.scd2.engine import Batch
from core.models.scd2.exceptions import Conflict, Scd2Error
from core.tests.databases import CommittedDatabase, pointed_at
from core.tests.doors import apply_changes
from core.tests.harbour.models import Cargo, Flag, Vessel
from core.transactions import atomic_write

Said = Mapping[str, Any]
MODELS: dict[str, Any] = {"flag": Flag, "vessel": Vessel, "cargo": Cargo}
KEYS = {"flag": ("code",), "vessel": ("uuid",), "cargo": ("vessel_uuid", "hold_code")}
SAILOR = Context(actor="sailor", channel=Channel.SYSTEM)
PLAIN = {"flag": "NO", "tonnage": None, "in_service": None, "launched": None, "inspected_at": None}
HOLDS = ("AFT", "FORE")

_ashore = ExitStack()


def year(number: int | None) -> datetime | None:
    return None if number is None else datetime(number, 1, 1, tzinfo=UTC)


def change_of(said: Said) -> Change:
    """``{"vessel": [key…], "set": payload or null, "from", "to", "future", "partial"}``."""
    (name,) = MODELS.keys() & said.keys()
    return Change(
        key=dict(zip(KEYS[name], said[name], strict=True)),
        payload=said["set"],
        valid_from=year(said.get("from")),
        valid_to=year(said.get("to")),
        future=Future(said.get("future", "keep")),
        partial=said.get("partial", False),
    )


def batch_of(changes: Iterable[Said]) -> Batch:
    batch: dict[Any, list[Change]] = {}
    for said in changes:
        (name,) = MODELS.keys() & said.keys()
        batch.setdefault(MODELS[name], []).append(change_of(said))
    return list(batch.items())


def written(result: Result) -> str | None:
    return None if result.instant is None else result.instant.isoformat()


@atomic_write
def service(changes: Sequence[Said], door: bool | None = None) -> str | None:
    return written(apply_changes(batch_of(changes), SAILOR, fast_paths=door))


def say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)  # noqa: T201


def listen() -> Any:
    return json.loads(sys.stdin.readline())


# Orders


def board(name: str, url: str, owner_url: str) -> None:
    """Work on this database from now on."""
    _ashore.enter_context(pointed_at(CommittedDatabase(name, url, owner_url)))


def leave() -> str:
    _ashore.close()
    return "left"


def starting_gun() -> None:
    """Wait until the one who holds the gun lets go of it, so that all start at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(1)")
        cursor.execute("SELECT pg_advisory_unlock_shared(1)")


def each(calls: Sequence[Sequence[Said]], door: bool | None = None) -> list[str | None]:
    """One call after the other, all starting with the gun."""
    starting_gun()
    return [service(changes, door) for changes in calls]


def hold(changes: Sequence[Said], door: bool | None = None) -> str:
    """Write, say so, and wait inside the transaction for ``commit`` or ``rollback``."""
    with transaction.atomic():
        say({"ok": written(apply_changes(batch_of(changes), SAILOR, fast_paths=door))})
        word = listen()
        transaction.set_rollback(word != "commit")
    return f"{word} done"


def linger(changes: Sequence[Said]) -> str:
    """Begin a transaction and wait in it; write and wait; commit. A word for each step."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT")
        say({"ok": "began"})
        listen()
        say({"ok": written(apply_changes(batch_of(changes), SAILOR))})
        listen()
    return "done"


def dawdle(seed: int, roots: Sequence[str], rounds: int) -> int:
    """As hammer, but idle in every transaction before, between and after its writes."""
    choose = random.Random(seed)
    wrote = 0
    starting_gun()
    for number in range(rounds):
        with suppress(Scd2Error), transaction.atomic():
            for step in range(choose.randint(1, 3)):
                time.sleep(choose.random() / 50)
                changes = anything(choose, roots, f"{seed}-{number}-{step}")
                apply_changes(batch_of(changes), SAILOR)
            time.sleep(choose.random() / 20)
            wrote += 1
    return wrote


def crossing(first: Sequence[Said], second: Sequence[Said]) -> int:
    """Two calls in one transaction; the first attempt waits in between. Returns the attempts."""
    attempts = 0

    @atomic_write
    def both() -> None:
        nonlocal attempts
        attempts += 1
        apply_changes(batch_of(first), SAILOR)
        if attempts == 1:
            say({"ok": "half way"})
            listen()
        apply_changes(batch_of(second), SAILOR)

    both()
    return attempts


def hammer(seed: int, roots: Sequence[str], rounds: int) -> dict[str, int]:
    """Anything, anywhere, through any door. Conflicts are answers, nothing else is."""
    choose = random.Random(seed)
    done = {"wrote": 0, "unchanged": 0, "conflicts": 0}
    starting_gun()
    for number in range(rounds):
        changes = anything(choose, roots, f"{seed}-{number}")
        try:
            instant = service(changes, choose.choice((None, None, True, False)))
        except Conflict:
            done["conflicts"] += 1
        else:
            done["wrote" if instant else "unchanged"] += 1
    return done


def anything(choose: random.Random, roots: Sequence[str], name: str) -> list[Said]:
    """Changes of some vessels and holds, in no order; each key once."""
    vessels = choose.sample(roots, choose.randint(1, len(roots)))
    found: list[Said] = []
    for root in vessels:
        if choose.random() < 0.7 or not found:
            found.append({"vessel": [root], **something(choose, {"name": name, **PLAIN})})
        for place in choose.sample(HOLDS, choose.randint(0, 2)):
            payload = {"goods": name, "weight": None}
            found.append({"cargo": [root, place], **something(choose, payload)})
    choose.shuffle(found)
    return found


def something(choose: random.Random, payload: Said) -> Said:
    start = choose.choice((None, *range(2000, 2010)))
    bounded = start is not None and choose.random() < 0.4
    kind = choose.choice(("whole", "whole", "partial", "retraction"))
    first = next(iter(payload))
    return {
        "set": {"whole": payload, "partial": {first: payload[first]}, "retraction": None}[kind],
        "partial": kind == "partial",
        "from": start,
        "to": (start or 0) + choose.randint(1, 4) if bounded else None,
        "future": "keep" if bounded else choose.choice(("keep", "keep", "overwrite", "reject")),
    }


ORDERS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (board, leave, service, each, hold, linger, dawdle, crossing, hammer)
}


def main() -> None:
    """Obey until standard input ends."""
    for line in sys.stdin:
        order = json.loads(line)
        say(answer_to(order["order"], order["args"]))


def answer_to(order: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"ok": ORDERS[order](**arguments)}
    except Scd2Error as error:
        return {"refused": error.code}
    except Exception as error:
        return {"failed": repr(error)}
