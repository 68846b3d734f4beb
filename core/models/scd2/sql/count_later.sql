-- How often something stands on top of what a batch did to one model: it only ever grows.
-- parameters: batch, instant, limit, model, contents, container; rows: (count)
SELECT count(*)
FROM core_auditentry AS entry
JOIN core_auditentry AS later ON {stands_on_top}
WHERE entry.instant = %(instant)s AND entry.batch = %(batch)s AND entry.model = %(model)s
