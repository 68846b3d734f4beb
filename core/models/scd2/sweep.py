"""Which of the Changes of a key decide what holds, instant by instant."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush

from core.models.scd2.extents import Reach


def sweep(cuts: Sequence[datetime], reaches: Sequence[Reach]) -> Iterator[list[Reach]]:
    """From each cut on, the reaches that decide what holds there, in the given order.

    What lies under a reach that sets everything decides nothing, unless a partial Change is under
    it, which has to find something to amend. Of partial Changes with nothing else on top the first
    one has to find something, and of each column the last one counts. To look at all reaches from
    every cut on would take time that grows with their square.
    """
    coming = sorted(range(len(reaches)), key=lambda number: reaches[number].step.start)
    coming.reverse()
    active = Active(reaches)
    for cut in cuts:
        active.end(cut)
        while coming and reaches[coming[-1]].step.start <= cut:
            active.begin(coming.pop(), cut)
        yield [reaches[number] for number in active.deciding(cut)]


class Active:
    """The reaches that cover an instant, by their numbers, in order: all of them, the partial ones,
    the others, and of the partial ones those that cover a column.
    """

    def __init__(self, reaches: Sequence[Reach]) -> None:
        self.reaches = reaches
        self.all: list[int] = []
        self.partial: list[int] = []
        self.others: list[int] = []
        self.by_column: dict[int, list[int]] = defaultdict(list)
        self.ending: list[tuple[datetime, int]] = []
        self.columns_ending: list[tuple[datetime, int, int]] = []

    def alike(self, number: int) -> list[int]:
        return self.partial if self.reaches[number].step.partial else self.others

    def end(self, cut: datetime) -> None:
        """Leave out what reaches no further."""
        while self.ending and self.ending[0][0] <= cut:
            _, number = heappop(self.ending)
            remove(self.all, number)
            remove(self.alike(number), number)
        while self.columns_ending and self.columns_ending[0][0] <= cut:
            _, number, column = heappop(self.columns_ending)
            remove(self.by_column[column], number)

    def begin(self, number: int, cut: datetime) -> None:
        reach = self.reaches[number]
        if reach.end <= cut:
            return
        heappush(self.ending, (reach.end, number))
        insort(self.all, number)
        insort(self.alike(number), number)
        if reach.step.partial:
            for column, end in reach.ends.items():
                if end > cut:
                    heappush(self.columns_ending, (end, number, column))
                    insort(self.by_column[column], number)

    def deciding(self, cut: datetime) -> list[int]:
        """Those that decide what holds at the cut."""
        lowest = bisect_left(self.all, self.partial[0]) if self.partial else len(self.all) - 1
        while lowest > 0 and not self.reaches[self.all[lowest]].sets_everything(cut):
            lowest -= 1
        highest = self.others[-1] if self.others else -1
        under = self.all[max(lowest, 0) : bisect_right(self.all, highest)]
        return [*under, *self.parts_above(highest)]

    def parts_above(self, number: int) -> list[int]:
        """Of the partial ones with higher numbers the first, and the last of each column."""
        position = bisect_right(self.partial, number)
        if position == len(self.partial):
            return []
        last = {numbers[-1] for numbers in self.by_column.values() if numbers}
        return sorted({self.partial[position], *(one for one in last if one > number)})


def remove(numbers: list[int], number: int) -> None:
    """``numbers`` are in order, and this is one of them."""
    del numbers[bisect_left(numbers, number)]
