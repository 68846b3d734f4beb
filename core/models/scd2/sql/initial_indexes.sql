-- The indexes of a table but its primary key, in the order in which they are made: unique ones
-- before exclusion constraints, as the migrations do.
-- parameters: table; rows: (index, constraint or NULL, definition of the constraint or the index)
SELECT
    relation.relname,
    held.conname,
    CASE WHEN held.oid IS NULL THEN pg_get_indexdef(indexed.indexrelid)
        ELSE pg_get_constraintdef(held.oid) END
FROM pg_index AS indexed
JOIN pg_class AS relation ON relation.oid = indexed.indexrelid
LEFT JOIN pg_constraint AS held ON held.conindid = indexed.indexrelid AND held.contype IN ('u', 'x')
WHERE indexed.indrelid = quote_ident(%(table)s)::regclass AND NOT indexed.indisprimary
ORDER BY NOT indexed.indisunique, indexed.indisexclusion, relation.relname
