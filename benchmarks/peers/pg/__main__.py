"""django-pghistory: Django's own bulk methods, triggers behind them, and its diffs of events."""

import sys

from benchmarks.peers import common

common.configure(sys.argv[1], "benchmarks.peers.pg", "pgtrigger", "pghistory")

from django.core.management import call_command
from pghistory.models import Events

from benchmarks.peers.pg.models import Detail, Entity

call_command("pgtrigger", "install", verbosity=0)


def create(model, objects):
    model.objects.bulk_create(objects, batch_size=common.BATCH)


def update(model, objects, fields):
    if objects:
        model.objects.bulk_update(objects, fields, batch_size=common.BATCH)


def load(path):
    common.merge(path, (Entity, Detail), create, update)


def diff(begin, end):
    """What its aggregated view says of the window."""
    events = Events.objects.filter(pgh_created_at__gt=begin, pgh_created_at__lte=end)
    return sum(len(one.pgh_diff or ()) for one in events.iterator())


common.run(load, diff)
