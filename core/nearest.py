"""The name that was probably meant by one that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def in_other_letters(wanted: str, known: Iterable[str]) -> str | None:
    """The first known name that differs by nothing but case and outer white space."""
    folded = wanted.strip().casefold()
    return next((name for name in known if name.strip().casefold() == folded), None)


def nearest(wanted: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant: in other letters, else the most similar one."""
    names = {name.strip().casefold(): name for name in known}
    if same := in_other_letters(wanted, names.values()):
        return same
    close = difflib.get_close_matches(wanted.strip().casefold(), names, 1)
    return names[close[0]] if close else None
