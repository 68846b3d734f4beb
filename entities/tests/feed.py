"""A folder of files, and the command that loads them, for the tests of the ingestion."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

from core.models import IngestBatch

SOURCE = ("--source", "feed")
NONE = {"opened": 0, "closed": 0, "superseded": 0, "unchanged": 0, "overtaken": 0}


@dataclasses.dataclass(frozen=True)
class Answer:
    """How a run ended: exit code, standard output and what was said besides."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclasses.dataclass(frozen=True)
class Feed:
    """Files in a folder of their own."""

    folder: Path

    def path(self, name: str) -> Path:
        return self.folder / name

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.path(name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, path: Path | str, *options: str) -> Answer:
        """The command, as from a shell."""
        return self.call("ingest_entities", str(path), *options)

    def call(self, command: str, *arguments: str) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        try:
            call_command(command, *arguments, stdout=out, stderr=err)
        except CommandError as error:
            return Answer(error.returncode, out.getvalue(), f"{err.getvalue()}{error}")
        except SystemExit as ended:
            return Answer(int(ended.code or 0), out.getvalue(), err.getvalue())
        return Answer(0, out.getvalue(), err.getvalue())

    def load(self, content: str, *options: str, name: str = "feed.csv") -> Any:
        """The summary of a file of source ``feed`` that loads without a reject."""
        answer = self.run(self.write(name, content), *SOURCE, "--json", *options)
        assert (answer.code, answer.err) == (0, "")
        return answer.json

    def rejects(self, path: Path | str, *options: str) -> list[tuple[int, str]]:
        """Line and reason of every row that a run rejects."""
        rejects = self.path("rejects.jsonl")
        answer = self.run(path, "--rejects", str(rejects), *options)
        assert answer.code == 2, answer
        return [(one["line"], one["reason"]) for one in read_jsonl(rejects)]


def read_jsonl(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def did(**counts: int) -> dict[str, int]:
    """Counts that are zero where nothing is said."""
    return NONE | counts


def latest_batch() -> IngestBatch:
    return IngestBatch.objects.latest("id")
