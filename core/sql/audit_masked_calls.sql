-- Which calls wrote personal data of a thing that is hidden from the reader. A call has one instant
-- for a thing and what belongs to it.
-- parameters: instants, uuids: the calls, as pairs; what is hidden, by a column of the key or of the
--             payload: hidden_models, hidden_columns, hidden_codes
-- rows: (instant, uuid)
SELECT DISTINCT call.instant, call.uuid
FROM unnest(%(instants)s::timestamptz[], %(uuids)s::uuid[]) AS call (instant, uuid)
JOIN core_auditentry AS entry ON entry.uuid = call.uuid AND entry.instant = call.instant
JOIN unnest(
    %(hidden_models)s::text[], %(hidden_columns)s::text[], %(hidden_codes)s::text[]
) AS hidden (model, key_column, code)
    ON hidden.model = entry.model
    AND hidden.code IN (
        entry.natural_key ->> hidden.key_column,
        entry.before ->> hidden.key_column,
        entry.after ->> hidden.key_column
    )
