-- How many things that were there before a load say something else since it, from the very start
-- that a row of it gives, before an instant. What changes only later than the row starts was
-- brought back to what the row says.
-- parameters: instant (of the load), before, models (labels); rows: (count)
SELECT count(DISTINCT changed.root)
FROM {staged} AS staged
JOIN {changed} AS changed ON changed.root = staged.{root} AND NOT changed.fresh
JOIN core_auditentry AS log ON log.uuid = {thing} AND log.valid_from = staged.valid_from
WHERE staged.kind <> 'r'
    AND staged.valid_from < %(before)s
    AND log.instant = %(instant)s
    AND log.txid = pg_current_xact_id()
    AND log.model = ANY(%(models)s)
