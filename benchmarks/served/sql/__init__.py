"""What a hand would write, one named file each."""

from functools import cache
from pathlib import Path

HERE = Path(__file__).parent


@cache
def query(name: str) -> str:
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")
