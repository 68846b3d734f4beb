"""The rows that were not loaded, as JSON Lines of ``{"line", "row", "reason"}``."""

from __future__ import annotations

from collections.abc import Callable

from core.ingest.json_lines import JsonLinesFile
from core.ingest.rows import Reject

SHOWN = 10
"""How many rejects are said where no file takes them."""

Say = Callable[[str], None]


class Rejects(JsonLinesFile):
    """Counts rejects, and writes them to a file or says the first few of them.

    The file is made anew at entry, even if nothing is going to be rejected. Raises Unwritable.
    """

    def __init__(self, path: str | None, say: Say) -> None:
        super().__init__(path)
        self.say = say
        self.count = 0

    def add(self, reject: Reject) -> None:
        self.count += 1
        self.write({"line": reject.line, "row": reject.text, "reason": reject.reason})
        if not self.file and self.count <= SHOWN:
            self.say(f"line {reject.line}: {reject.reason}")
