"""The statements of exports, one named file each, composed with the columns of a register."""

from pathlib import Path

from core.statements import Statements

statement = Statements(Path(__file__).parent)
