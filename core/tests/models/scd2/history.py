"""Plays a random history to the engine and to the oracle, and compares them after every batch."""

from __future__ import annotations

import copy
import dataclasses
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import transaction
from hypothesis import event

from core.models.scd2.change import EVERYTHING, Change, Outcome, Result, Stretch
from core.models.scd2.exceptions import Conflict, Scd2Error
from core.models.scd2.overtaken import Overtaken
from core.tests.doors import apply_changes
from core.tests.models.scd2.port import TESTER
from core.tests.models.scd2.stored import MODELS, Stored, wanted_rows
from core.tests.oracle import (
    Batch,
    Entry,
    Oracle,
    Shape,
    Thing,
    UnpinnedError,
    World,
)
from core.tests.oracle_overtaken import overtaken, said_by
from core.tests.strategies import LAST, VESSELS


@contextmanager
def rolled_back() -> Iterator[None]:
    """Every example starts from the same tables."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Verdict(NamedTuple):
    """What the oracle says of a batch: the entries it leaves, or None where it is refused."""

    entries: list[Entry] | None


def renamed(batch: Batch, names: dict[uuid.UUID, uuid.UUID]) -> Batch:
    """The same batch about other vessels."""
    return [
        (
            shape,
            [
                dataclasses.replace(
                    change, key={part: names.get(v, v) for part, v in change.key.items()}
                )
                for change in changes
            ],
        )
        for shape, changes in batch
    ]


def own_vessels(batches: Sequence[Batch]) -> list[Batch]:
    """A history about vessels that nobody has seen before."""
    names = {vessel: uuid.uuid4() for vessel in VESSELS}
    return [renamed(batch, names) for batch in batches]


def joined(parts: Sequence[Batch]) -> Batch:
    """Several batches as one call."""
    return [
        (
            shape,
            [change for part in parts for other, said in part if other is shape for change in said],
        )
        for shape in MODELS
    ]


def starting(batch: Batch, marks: dict[datetime | None, datetime]) -> Batch:
    """The batch with its stand-ins for an instant replaced."""
    return [
        (
            shape,
            [
                dataclasses.replace(
                    change, valid_from=marks.get(change.valid_from, change.valid_from)
                )
                for change in changes
            ],
        )
        for shape, changes in batch
    ]


class History:
    """One sequence of batches, told to both."""

    def __init__(self, *, fast_paths: bool | None) -> None:
        self.fast_paths = fast_paths
        self.oracle = Oracle()
        self.instants: list[datetime] = []
        self.seen: set[uuid.UUID] = set()
        self.stretch = EVERYTHING
        self.listed: list[Overtaken] = []

    def play(self, batch: Batch, stretch: Stretch = EVERYTHING) -> bool:
        """Tell a batch to both, twice; False where the contract does not say what comes out."""
        self.stretch = stretch
        batch = starting(batch, {LAST: self.instants[-1]} if self.instants else {})
        self.seen |= {change.key[shape.key[0]] for shape, said in batch for change in said}
        before, given, world = self.stored(), batch, self.oracle.world
        answer = self.tell(batch)
        batch = starting(batch, {None: self.instant_of(answer)})
        try:
            verdict = self.verdict(batch, self.instant_of(answer))
        except UnpinnedError:
            event("not pinned by the contract")
            return False
        self.compare(batch, before, answer, verdict)
        event(type(answer).__name__ if verdict.entries != [] else "nothing to do")
        if verdict.entries is not None:
            self.compare_overtaken(batch, world, answer)
            self.repeat(batch)
            if sum(len(changes) for _, changes in batch) == 1:
                self.repeat(given)
        return True

    def admits(self, batch: Batch) -> bool:
        """Whether the oracle would take a batch now, once and again."""
        now = datetime.now(UTC)
        marks = {LAST: self.instants[-1] if self.instants else now, None: now}
        probe = copy.copy(self)
        try:
            return probe.verdict(starting(batch, marks), now).entries is not None
        except UnpinnedError:
            return False

    def tell(self, batch: Batch) -> Result | Scd2Error:
        """The engine's answer, a refusal being one."""
        told = [(MODELS[shape], list(changes)) for shape, changes in batch]
        self.listed.clear()
        try:
            return apply_changes(
                told,
                TESTER,
                fast_paths=self.fast_paths,
                stretch=self.stretch,
                listed=self.listed,
            )
        except Scd2Error as error:
            return error

    def instant_of(self, answer: Result | Scd2Error) -> datetime:
        """The call's instant; where it wrote nothing, any instant of now will do."""
        written = answer.instant if isinstance(answer, Result) else None
        return written or datetime.now(UTC)

    def verdict(self, batch: Batch, instant: datetime) -> Verdict:
        """What the oracle says; raises UnpinnedError also where twice is not the same as once."""
        once = copy.copy(self.oracle)
        once.beliefs = list(self.oracle.beliefs)
        try:
            entries = once.apply(batch, instant, self.stretch)
        except Scd2Error:
            return Verdict(None)
        refuse_unless_settled(once, batch, instant, self.stretch)
        self.oracle = once
        return Verdict(entries)

    def compare(
        self, batch: Batch, before: Stored, answer: Result | Scd2Error, verdict: Verdict
    ) -> None:
        after = self.stored()
        if verdict.entries is None:
            assert isinstance(answer, Conflict), f"taken, and should be refused: {answer}"
            assert after == before
            return
        assert isinstance(answer, Result), f"refused, and should be taken: {answer!r}"
        self.compare_instant(answer, wrote=bool(verdict.entries))
        opened = after.assert_follows(before, wanted_rows(self.oracle.world), answer.instant)
        after.assert_audited(before, verdict.entries, answer.instant)
        compare_totals(batch, answer, opened)
        if self.fast_paths is None:
            compare_outcomes(batch, answer, opened)

    def compare_instant(self, result: Result, *, wrote: bool) -> None:
        assert result.total.wrote == wrote
        assert (result.instant is not None) == wrote
        if result.instant is not None:
            assert all(result.instant > earlier for earlier in self.instants)
            self.instants.append(result.instant)

    def compare_overtaken(self, batch: Batch, before: World, answer: Result | Scd2Error) -> None:
        """What does not hold at the instant of the call is counted, and listed, once a Change."""
        assert isinstance(answer, Result)
        found = overtaken(batch, before, self.oracle.world, self.instant_of(answer), self.stretch)
        wanted = [
            (MODELS[shape], number, found.get(said_by(thing, change)))
            for shape, changes in batch
            for number, (thing, change) in enumerate(
                zip(things_in(shape, changes), changes, strict=True)
            )
        ]
        stopped = [(model, number, since) for model, number, since in wanted if since]
        event("overtaken" if stopped else "nothing overtaken")
        for model in MODELS.values():
            total = answer.totals.get(model, Outcome()).overtaken
            assert total == sum(model is other for other, _, _ in stopped)
        if self.fast_paths is None:
            for model, number, since in wanted:
                assert answer.outcomes[model][number].overtaken == (since is not None)
            return
        listed = [(one.model, one.ordinal, one.since) for one in self.listed]
        assert sorted(listed) == sorted(
            (model.shape.label, number, since) for model, number, since in stopped
        )

    def repeat(self, batch: Batch) -> None:
        """The same batch again does nothing at all."""
        before, world = self.stored(), self.oracle.world
        again = self.tell(batch)
        assert isinstance(again, Result), f"refused the second time: {again!r}"
        assert (again.instant, again.total.wrote) == (None, False)
        assert self.stored() == before
        self.compare_overtaken(starting(batch, {None: self.instant_of(again)}), world, again)

    def stored(self) -> Stored:
        return Stored.of(self.seen)


def refuse_unless_settled(
    oracle: Oracle, batch: Batch, instant: datetime, stretch: Stretch
) -> None:
    """The contract wants a batch to do nothing the second time; where its rules do not, no
    answer of the engine can be held against it."""
    try:
        again = copy.copy(oracle)
        again.beliefs = []
        if again.apply(batch, instant, stretch):
            raise UnpinnedError("does more the second time")
    except Scd2Error as error:
        raise UnpinnedError("refused the second time") from error


UNCHANGED = Outcome(unchanged=1)


def things_in(shape: Shape, changes: Sequence[Change]) -> list[Thing]:
    return [Thing(shape, tuple(change.key[part] for part in shape.key)) for change in changes]


def compare_outcomes(batch: Batch, result: Result, counted: dict[Thing, Outcome]) -> None:
    """One Outcome a Change, in the order given, shared within a key."""
    for shape, changes in batch:
        outcomes = [counted.get(thing, UNCHANGED) for thing in things_in(shape, changes)]
        found = result.outcomes.get(MODELS[shape], [])
        assert [dataclasses.replace(one, overtaken=0) for one in found] == outcomes


def compare_totals(batch: Batch, result: Result, counted: dict[Thing, Outcome]) -> None:
    """Each key once, and what went along with its container besides."""
    touched = set(counted).union(*(things_in(shape, changes) for shape, changes in batch))
    for shape, model in MODELS.items():
        mine = [counted.get(thing, UNCHANGED) for thing in touched if thing.shape is shape]
        found = result.totals.get(model, Outcome())
        assert dataclasses.replace(found, overtaken=0) == sum(mine, Outcome())
