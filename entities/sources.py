"""The feeds that have named entities."""

from __future__ import annotations

import difflib

from core.models.scd2.exceptions import InvalidChange
from core.rows import fetch
from entities.models import EntityAnchor
from entities.sql import statement


class UnknownSource(InvalidChange):
    """A question about a source that has never named an entity."""

    code = "unknown_source"


def known_sources() -> list[str]:
    """Every source that has named an entity, sorted. It takes an index look-up for each."""
    return [source for (source,) in fetch(statement("known_sources"), {})]


def nearest_source(source: str, known: list[str]) -> str | None:
    """The known source that was probably meant, if there is one; case and outer blanks first."""
    folded = {name.strip().casefold(): name for name in known}
    wanted = source.strip().casefold()
    if wanted in folded:
        return folded[wanted]
    close = difflib.get_close_matches(wanted, folded, 1)
    return folded[close[0]] if close else None


def require_known_source(source: str | None) -> None:
    """Raises UnknownSource for one that has never named an entity, at whatever instant: a slip
    does not look like an empty register.
    """
    if source is None or EntityAnchor.objects.filter(source=source).exists():
        return
    near = nearest_source(source, known_sources())
    hint = f"; did you mean {near!r}?" if near else "."
    raise UnknownSource(f"There is no source {source!r}{hint}", field="source")
