-- Say that versions are no longer believed.
-- parameters: ids, instant, clock
UPDATE {table} AS version
SET system_to = %(instant)s, updated_at = %(clock)s
WHERE version.id = ANY(%(ids)s::bigint[]) AND version.system_to IS NULL
