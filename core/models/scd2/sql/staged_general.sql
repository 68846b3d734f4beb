-- The staged Changes that take the general plan, by key.
-- rows: (ordinal, kind, sets, valid_from, valid_to, future, reason, key columns, tracked columns)
SELECT staged.ordinal, staged.kind, staged.sets, staged.valid_from, staged.valid_to,
    staged.future, staged.reason, {staged_columns}
FROM {staged} AS staged
WHERE EXISTS (SELECT FROM {general} AS general WHERE {general_is_staged})
ORDER BY {staged_key}, staged.ordinal
