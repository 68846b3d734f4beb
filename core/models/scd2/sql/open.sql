-- Open versions, in key order: the exclusion index is a third faster for it.
-- parameters: rows (JSON), instant, actor_id, actor
INSERT INTO {table} (
    {columns}, valid_from, valid_to, system_from, actor_id, actor, reason
)
SELECT {columns}, valid_from, valid_to, %(instant)s, %(actor_id)s, %(actor)s, reason
FROM json_to_recordset(%(rows)s::json) AS opening (
    {definitions}, valid_from timestamptz, valid_to timestamptz, reason text
)
ORDER BY {key}, valid_from
