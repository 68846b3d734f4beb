-- The change feed: entries of some models after a place in the order (recorded_at, txid, id), up to
-- the settled instant.
-- parameters: after_recorded_at, after_txid, after_id; settled; models (text[]); limit; what is hidden
--             as a whole, by a column of its key: hidden_models, hidden_columns, hidden_codes
-- rows: {columns}
SELECT {columns}
FROM core_auditentry AS entry
WHERE (entry.recorded_at, entry.txid, entry.id)
        > (%(after_recorded_at)s::timestamptz, %(after_txid)s::text::xid8, %(after_id)s::bigint)
    AND entry.recorded_at <= %(settled)s
    AND entry.model = ANY(%(models)s::text[])
    AND NOT EXISTS (
        SELECT FROM unnest(
            %(hidden_models)s::text[], %(hidden_columns)s::text[], %(hidden_codes)s::text[]
        ) AS hidden (model, key_column, code)
        WHERE hidden.model = entry.model
            AND entry.natural_key ->> hidden.key_column = hidden.code
    )
ORDER BY entry.recorded_at, entry.txid, entry.id
LIMIT %(limit)s
