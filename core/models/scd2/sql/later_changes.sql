-- Changes that stand on top of what a batch did to one model, the oldest first.
-- parameters: batch, instant, limit (how far is looked), model, contents, container, most
-- rows: (model, natural_key, valid_from, valid_to, instant, actor, batch)
SELECT DISTINCT
    later.instant, later.id, later.model, later.natural_key, later.valid_from, later.valid_to,
    later.actor, later.batch
FROM core_auditentry AS entry
JOIN core_auditentry AS later ON {stands_on_top}
WHERE entry.instant = %(instant)s AND entry.batch = %(batch)s AND entry.model = %(model)s
ORDER BY later.instant, later.id
LIMIT %(most)s
