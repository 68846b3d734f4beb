"""What of an answer is hidden from the caller."""

from __future__ import annotations

from functools import cached_property

from core.api.views import ApiView
from core.personal import may_view
from entities.personal import APP, Hidden, hidden_from


class MaskedView(ApiView):
    """A call that shows, or takes, what may be personal data."""

    @cached_property
    def sees_all(self) -> bool:
        return may_view(self.request.user, APP)

    @cached_property
    def hidden(self) -> Hidden:
        """What the caller may not see: read once, in the snapshot of the answer."""
        return hidden_from(self.request.user)
