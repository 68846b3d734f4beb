"""django-simple-history by its bulk helpers, and ``diff_against`` for what changed."""

import sys

from benchmarks.peers import common

common.configure(sys.argv[1], "benchmarks.peers.simple", "simple_history")

from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from benchmarks.peers.simple.models import Detail, Entity


def create(model, objects):
    if objects:
        bulk_create_with_history(objects, model, batch_size=common.BATCH)


def update(model, objects, fields):
    if objects:
        bulk_update_with_history(objects, model, fields, batch_size=common.BATCH)


def load(path):
    common.merge(path, (Entity, Detail), create, update)


def diff(begin, end):
    """The latest record before and the latest within the window, of everything touched in it."""
    changes = 0
    for model in (Entity, Detail):
        touched = model.history.filter(history_date__gt=begin, history_date__lte=end)
        ids = list(touched.values_list("id", flat=True).distinct())
        for at in range(0, len(ids), common.BATCH):
            chosen = ids[at : at + common.BATCH]
            before = {one.id: one for one in records(model, chosen, begin)}
            for after in records(model, chosen, end):
                if after.id in before:
                    changes += len(after.diff_against(before[after.id]).changes)
    return changes


def records(model, ids, at):
    held = model.history.filter(id__in=ids, history_date__lte=at)
    return held.order_by("id", "-history_date", "-history_id").distinct("id")


common.run(load, diff)
