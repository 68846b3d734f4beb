"""The diff of this project between two days, through all its pages."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta

PAGE = 1_000


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cockpit.config.settings")
    django.setup()
    from core.db import clock
    from entities.selectors import entity_diff

    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in sys.argv[1:3])
    began, changes, after = time.perf_counter(), 0, None
    now = clock()
    while True:
        page = entity_diff(
            from_=first + timedelta(days=1),
            to=last,
            known_from=now,
            known_to=now,
            after=after,
            limit=PAGE,
        )
        changes += sum(len(row["fields"]) for row in page)
        if len(page) < PAGE:
            break
        after = page[PAGE - 1]["uuid"]
    print(json.dumps({"seconds": time.perf_counter() - began, "changes": changes}))


main()
