"""Slowly changing dimensions of type 2 under two clocks: what an app needs to use them."""

from core.models.scd2.change import Change, Channel, Context, Future, Outcome, Result

__all__ = ["Change", "Channel", "Context", "Future", "Outcome", "Result"]
