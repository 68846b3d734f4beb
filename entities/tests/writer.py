"""A process that writes as the API does, without a pause, until its standard input ends.

Arguments: a seed, the number of entities of the source ``feed`` that it shares with files, and a
name for entities of its own. It prints how often it wrote.
"""

from __future__ import annotations

import random
import select
import sys
from uuid import UUID

import django
from django.db import connection


def ended() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def main(seed: int, shared: int, name: str) -> int:
    from core.models.scd2.exceptions import Scd2Error
    from entities import services
    from entities.naming import entity_uuid
    from entities.tests.conftest import ADA, day

    choose = random.Random(seed)

    def shared_one() -> UUID:
        """What no file says of an entity that files are about."""
        uuid = entity_uuid("feed", f"E{choose.randrange(shared)}")
        details = {"EMPLOYEES": choose.choice([None, *range(5)])}
        services.entity_update(uuid=uuid, changes={"details": details}, context=ADA)
        return uuid

    def own_one() -> UUID:
        return services.entity_create(
            entity_type="PERSON",
            display_name=f"{name} {choose.random()}",
            details={"NOTE": name},
            valid_from=day(2020 + choose.randrange(3)),
            context=ADA,
        ).uuid

    written = 0
    while not ended():
        try:
            choose.choice([shared_one, own_one])()
            written += 1
        except Scd2Error:
            connection.close()
    return written


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(f"{main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])}\n")
