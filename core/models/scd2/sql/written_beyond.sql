-- What this transaction has ended, or changed further back than it may.
-- Parameters: instant (of the call), earliest, models (labels).
-- Rows: one a period, (model, natural key, start, whether nothing holds after it).
SELECT model, natural_key, valid_from, after IS NULL
FROM core_auditentry
WHERE instant = %(instant)s AND txid = pg_current_xact_id() AND model = ANY (%(models)s)
    AND (after IS NULL OR valid_from < %(earliest)s)
ORDER BY model, uuid, id
