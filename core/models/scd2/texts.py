"""What the database holds names and identifiers to, as ``core.names`` does before."""

from django.db import models
from django.db.models import Func


class IsName(Func):
    """Whether a text is a name in its one form; NULL passes a CHECK."""

    function = "core_is_name"
    arity = 1
    output_field = models.BooleanField()


class IsIdentifier(IsName):
    """Whether a text is an identifier in its one form; NULL passes a CHECK."""

    function = "core_is_identifier"


class NormalDigest(Func):
    """The digest of a text in normalization form C, by the text and its own digest."""

    function = "core_normal_digest"
    arity = 2
    output_field = models.BinaryField()
