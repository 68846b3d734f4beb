"""Who may load files, and who may see what was rejected of them."""

from __future__ import annotations

from typing import Any

from core.models.scd2.exceptions import NotAllowed
from core.personal import may_view

LOAD = "core.add_ingestbatch"


def refuse_loader(user: Any, model: str) -> None:
    """Raises NotAllowed for someone who may not load files about a model, by its label.

    Any row of a file may hold personal data, so loading one asks for the right to it.
    """
    if not user.has_perm(LOAD):
        raise NotAllowed(f"{user.get_username()} may not load files.")
    refuse_reader(user, model)


def refuse_reader(user: Any, model: str) -> None:
    """Raises NotAllowed for someone who may not see the rows of a file."""
    if not may_view(user, model.partition(".")[0]):
        raise NotAllowed(
            f"The rows of a file may hold personal data, which {user.get_username()} may not see."
        )
