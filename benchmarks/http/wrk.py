"""The load generator: Debian's ``wrk``, and what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rows import LeftOut

MISSING = "It needs wrk, a load generator: `apt-get install wrk`, or `brew install wrk`."
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
LATENCY = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m)$", re.MULTILINE)
RATE = re.compile(r"^Requests/sec:\s+([\d.]+)$", re.MULTILINE)
SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True)
class Heard:
    """``p50`` and ``p99`` in seconds, ``rate`` in requests a second."""

    p50: float
    p99: float
    rate: float


def heard(
    host: str,
    token: str,
    paths: Path,
    *,
    seconds: float = 1,
    connections: int = 2,
    method: str = "GET",
) -> Heard:
    """Ask for the paths of a file at random. Raises LeftOut without wrk, and RuntimeError for any
    answer that is no success.
    """
    if shutil.which("wrk") is None:
        raise LeftOut(MISSING)
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", f"-s{SCRIPT}", host]
    answer = subprocess.run(
        [*command, "--", token, str(paths), method], capture_output=True, text=True, check=True
    )
    return read(answer.stdout)


def read(text: str) -> Heard:
    """What wrk printed. Raises RuntimeError where an answer was no success."""
    if "Non-2xx" in text or "Socket errors" in text or not (rate := RATE.search(text)):
        raise RuntimeError(f"Not every request was answered well:\n{text}")
    found = {name: float(number) * UNITS[unit] for name, number, unit in LATENCY.findall(text)}
    return Heard(found["50"], found["99"], float(rate[1]))
