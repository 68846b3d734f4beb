"""What is read from what wrk prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.http import wrk
from benchmarks.rows import LeftOut

PRINTED = """Running 1s test @ http://127.0.0.1:8001
  1 threads and 2 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.38ms  315.93us   6.61ms   90.05%
    Req/Sec     1.46k    98.04     1.57k    90.91%
  Latency Distribution
     50%    1.50ms
     75%    1.42ms
     90%    1.61ms
     99%  500.00us
  1601 requests in 1.10s, 1.23MB read
Requests/sec:   1455.36
Transfer/sec:      1.12MB
"""


def test_latencies_in_seconds_and_the_rate() -> None:
    assert wrk.read(PRINTED) == wrk.Heard(p50=0.0015, p99=0.0005, rate=1455.36)


@pytest.mark.parametrize(
    "complaint", ["Non-2xx or 3xx responses: 3", "Socket errors: connect 0, read 2"]
)
def test_an_answer_that_is_no_success_is_no_measurement(complaint: str) -> None:
    with pytest.raises(RuntimeError, match=complaint):
        wrk.read(f"{PRINTED}  {complaint}\n")


def test_without_wrk_the_row_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LeftOut, match="apt-get install wrk"):
        wrk.heard("http://127.0.0.1:1", "token", tmp_path)
