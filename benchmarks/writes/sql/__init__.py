"""The statements of the floors: what a person would write by hand for this one register."""

from functools import cache
from pathlib import Path
from typing import LiteralString

HERE = Path(__file__).parent


@cache
def statement(name: str) -> LiteralString:
    return (HERE / f"{name}.sql").read_text(encoding="utf-8")
