"""The keys of ``core.collation`` as the database computes them, for models and queries."""

from typing import Any

from django.db.models import Func, TextField
from django.db.models.functions import Collate


class SearchKey(Func):
    """What a text is searched by."""

    function = "core_search_key"
    arity = 1
    output_field = TextField()


class SortKey(Func):
    """What a text is ordered by, once it is compared octet by octet: see ``by_octets``."""

    function = "core_sort_key"
    arity = 1
    output_field = TextField()


def by_octets(expression: Any) -> Collate:
    """The collation that no upgrade changes."""
    return Collate(expression, "C")
