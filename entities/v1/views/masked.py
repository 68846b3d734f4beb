"""What of an answer is hidden from the caller."""

from __future__ import annotations

from functools import cached_property

from core.api.views import ApiView
from core.personal import may_view
from entities.personal import APP, NOTHING, Hidden, marked_now


class MaskedView(ApiView):
    """A call that shows, or takes, what may be personal data."""

    @cached_property
    def sees_all(self) -> bool:
        return may_view(self.request.user, APP)

    @cached_property
    def hidden(self) -> Hidden:
        """What the caller may not see: read once, in the snapshot of the answer."""
        return NOTHING if self.sees_all else marked_now()
