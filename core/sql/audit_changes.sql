-- The change feed: entries of some models after a place in the order (instant, txid, id), up to the
-- settled instant.
-- parameters: after_instant, after_txid, after_id; settled; models (text[]); limit; what is hidden
--             as a whole, by a column of its key: hidden_models, hidden_columns, hidden_codes
-- rows: {columns}
SELECT {columns}
FROM core_auditentry AS entry
WHERE (entry.instant, entry.txid, entry.id)
        > (%(after_instant)s::timestamptz, %(after_txid)s::text::xid8, %(after_id)s::bigint)
    AND entry.instant <= %(settled)s
    AND entry.model = ANY(%(models)s::text[])
    AND NOT EXISTS (
        SELECT FROM unnest(
            %(hidden_models)s::text[], %(hidden_columns)s::text[], %(hidden_codes)s::text[]
        ) AS hidden (model, key_column, code)
        WHERE hidden.model = entry.model
            AND entry.natural_key ->> hidden.key_column = hidden.code
    )
ORDER BY entry.instant, entry.txid, entry.id
LIMIT %(limit)s
