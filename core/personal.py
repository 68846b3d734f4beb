"""Personal data: who may see it, what of the audit log that leaves, and the trace of seeing it.

An app that has personal data says so in its AppConfig, as ``personal_data()``: a Mask by the label
of the model, for what is marked at that moment. ``core`` knows nothing else about it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.apps import apps

VIEW = "view_pii"
"""The permission to see and to write an app's personal data, by Django's code name."""

log = structlog.get_logger(__name__)

Row = dict[str, Any]
Call = tuple[datetime, UUID]
"""What one call did to a thing and what belongs to it: its instant and the thing's uuid."""
SIDES = ("before", "after")


def may_view(user: Any, app_label: str) -> bool:
    """Whether a user may see, and write, the personal data of an app."""
    return bool(user.has_perm(f"{app_label}.{VIEW}"))


@dataclasses.dataclass(frozen=True, slots=True)
class Mask:
    """Of a model, ``field`` is personal data where the column ``by`` has one of ``codes``."""

    by: str
    codes: frozenset[str]
    field: str

    def covers(self, values: Mapping[str, Any], key: Mapping[str, Any]) -> bool:
        return values.get(self.by, key.get(self.by)) in self.codes


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """What a reader of the log sees of the models of all apps.

    ``marked``: what is personal data now, by model. ``closed``: the apps whose personal data the
    reader may not see.
    """

    marked: Mapping[str, Mask]
    closed: frozenset[str]

    def hides(self, model: str) -> bool:
        """Whether the personal data of a model is hidden; of an unknown one, if any is."""
        app_label = model.partition(".")[0]
        return app_label in self.closed or (bool(self.closed) and not is_known(model))

    @property
    def hides_any(self) -> bool:
        """Whether anything that is marked is hidden."""
        return any(mask.codes and self.hides(model) for model, mask in self.marked.items())

    def hidden_values(self) -> list[tuple[str, str, str]]:
        """What marks a thing, or a version of it, as hidden: model, column, value."""
        return [
            (model, mask.by, code)
            for model, mask in self.marked.items()
            if self.hides(model)
            for code in sorted(mask.codes)
        ]

    def hidden_keys(self) -> list[tuple[str, str, str]]:
        """Of ``hidden_values`` those by a column of the key: such things are hidden as a whole."""
        return [hidden for hidden in self.hidden_values() if hidden[1] in key_of(hidden[0])]

    def entry(self, entry: Row, masked_calls: Collection[Call] = ()) -> Row:
        """An entry as the reader sees it, its hidden fields null and named in ``masked``.

        The reason is hidden with them, and in all other entries about the thing of
        ``masked_calls``: one reason speaks of all that its call wrote. Of a model that no app
        here has, nobody knows what is personal: all of it is hidden.
        """
        masked: set[str] = set()
        shown: Row = dict(entry)
        if self.hides(entry["model"]):
            for side in SIDES:
                fields = self.personal(entry, side)
                shown[side] = without(entry[side], fields)
                masked |= fields
        if masked or call_of(entry) in masked_calls:
            shown["reason"] = None
            masked.add("reason")
        return {**shown, "masked": sorted(masked)}

    def personal(self, entry: Row, side: str) -> set[str]:
        """The fields that are personal data on one side of an entry, before or after."""
        values = entry[side] or {}
        if not is_known(entry["model"]):
            return set(values)
        mask = self.marked.get(entry["model"])
        if values and mask is not None and mask.covers(values, entry["natural_key"]):
            return {mask.field}
        return set()


def call_of(entry: Row) -> Call:
    return entry["instant"], entry["uuid"]


def without(values: Row | None, fields: Collection[str]) -> Row | None:
    return values and {name: None if name in fields else value for name, value in values.items()}


def key_of(label: str) -> Collection[str]:
    """The columns of a versioned model's natural key."""
    model: Any = apps.get_model(label)
    return tuple(model.shape.key)


def is_known(label: str) -> bool:
    app_label, _, name = label.partition(".")
    return app_label in apps.app_configs and name in apps.all_models[app_label]


def sight_of(user: Any) -> Sight:
    """What a user sees of the log now. One statement for every app that has personal data."""
    return sight_by(lambda app_label: may_view(user, app_label))


def sight_of_shell(*, open_: bool) -> Sight:
    """What a command shows of the log: everything, or nothing that is personal data."""
    return sight_by(lambda _: open_)


def sight_by(may: Callable[[str], bool]) -> Sight:
    marked: dict[str, Mask] = {}
    closed = set()
    for config in apps.get_app_configs():
        personal_data = getattr(config, "personal_data", None)
        if personal_data is None:
            continue
        marked.update(personal_data())
        if not may(config.label):
            closed.add(config.label)
    return Sight(marked, frozenset(closed))


def log_read(user: Any, model: str, things: Iterable[Any], fields: Collection[str]) -> None:
    """Leave an event that a user was shown personal data: of which things, and in which fields.

    Never the values. The request's id and path are in the event as in every other of the request.
    """
    named = [str(thing) for thing in things]
    if named:
        log.info(
            "personal_data_read",
            actor=user.get_username(),
            actor_id=user.pk,
            model=model,
            things=named,
            fields=sorted(fields),
        )


def log_entries_read(user: Any, sight: Sight, entries: Iterable[Row]) -> None:
    """As log_read, of entries of the log."""
    seen: dict[str, tuple[dict[Any, None], set[str]]] = {}
    for entry in entries:
        if sight.hides(entry["model"]):
            continue
        if fields := set().union(*(sight.personal(entry, side) for side in SIDES)):
            things, named = seen.setdefault(entry["model"], ({}, set()))
            things[entry["uuid"]] = None
            named |= fields
    for model, (things, named) in seen.items():
        log_read(user, model, things, named)
