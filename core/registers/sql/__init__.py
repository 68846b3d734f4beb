"""Further statements about registers, one named file each."""

from pathlib import Path

from core.statements import Statements

statement = Statements(Path(__file__).parent)
