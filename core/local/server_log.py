"""What PostgreSQL's programs say of a failure, searched for the line that tells the reason."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

FULL = "No space left on device"
TAIL = 65_536
"""Bytes at the end of a log that are looked at."""


def lines_since(log: Path, instant: datetime) -> list[str]:
    """The last lines of ``log`` that were written at ``instant`` (UTC, to the second) or later."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
        lines = file.read().decode(errors="replace").splitlines()
    # Lines begin with their time, as 2026-01-31 23:59:59.123 UTC.
    return [line for line in lines if line[:19] >= f"{instant:%Y-%m-%d %H:%M:%S}"]


def reason_in(lines: list[str]) -> str:
    """The line that tells why a program of PostgreSQL failed: a full disk before all else."""
    full = [line for line in lines if FULL in line]
    if full:
        return f"The disk is full: {full[0].strip()}"
    fatal = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return (fatal or lines or ["no reason given."])[-1].strip()
