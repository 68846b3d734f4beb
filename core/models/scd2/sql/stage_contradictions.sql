-- Staged Changes that say something else than an earlier one of the same key and start.
-- rows: (ordinal, ordinal of the first one)
SELECT said.ordinal, said.first
FROM (
    SELECT
        staged.ordinal,
        first_value(staged.ordinal) OVER starts AS first,
        ROW(staged.kind, staged.sets, {staged_columns}) AS payload,
        first_value(ROW(staged.kind, staged.sets, {staged_columns})) OVER starts AS first_payload
    FROM {staged} AS staged
    WHERE EXISTS (SELECT FROM {repeated} AS repeated WHERE {repeated_is_staged})
    WINDOW starts AS (PARTITION BY {staged_key}, staged.valid_from ORDER BY staged.ordinal)
) AS said
WHERE said.payload IS DISTINCT FROM said.first_payload
ORDER BY said.ordinal
