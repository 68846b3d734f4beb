-- How many things that were there before a load say something else since it, from the very start
-- that a row of it gives, before an instant. What changes only later than the row starts was
-- brought back to what the row says. Both sides are hashed: a join might look up each of many rows
-- of one thing among all entries of that thing.
-- parameters: instant (of the load), before, models (labels); rows: (count)
SELECT count(DISTINCT rewritten.thing)
FROM (
    SELECT {thing} AS thing, staged.valid_from
    FROM {staged} AS staged
    JOIN {changed} AS changed ON changed.root = staged.{root} AND NOT changed.fresh
    WHERE staged.kind <> 'r' AND staged.valid_from < %(before)s
    INTERSECT
    SELECT log.uuid, log.valid_from
    FROM core_auditentry AS log
    WHERE log.instant = %(instant)s
        AND log.txid = pg_current_xact_id()
        AND log.model = ANY(%(models)s)
) AS rewritten
