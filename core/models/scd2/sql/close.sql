-- Fill in the end of open versions.
-- parameters: ids, ends, instant, clock
UPDATE {table} AS version
SET valid_to = closing.valid_to, closed_at = %(instant)s, updated_at = %(clock)s
FROM unnest(%(ids)s::bigint[], %(ends)s::timestamptz[]) AS closing (id, valid_to)
WHERE version.id = closing.id AND version.system_to IS NULL AND version.valid_to IS NULL
