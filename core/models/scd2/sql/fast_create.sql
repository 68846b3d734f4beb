-- Fast path: open the first live version of a key.
-- parameters: instant, clock and those of the context; rowcount: the keys served
WITH opened AS (
    INSERT INTO {table} AS fresh ({columns}, valid_from, valid_to, system_from, actor_id, actor, reason)
    SELECT
        {staged_columns}, coalesce(staged.valid_from, %(instant)s), staged.valid_to, %(instant)s,
        %(actor_id)s, %(actor)s, coalesce(staged.reason, %(reason)s)
    FROM {staged} AS staged
    JOIN {changed} AS changed ON changed.root = staged.{root}
    LEFT JOIN {table} AS version ON {version_is_staged} AND version.is_current
    WHERE version.id IS NULL
        AND NOT EXISTS (SELECT FROM {general} AS general WHERE {general_is_staged})
    ORDER BY {staged_key}
    RETURNING {columns}, valid_from, valid_to, reason
)
INSERT INTO core_auditentry (
    instant, recorded_at, txid, actor_id, actor, channel, client_address, request_id, reason,
    batch, model, uuid, natural_key, valid_from, valid_to, after, action
)
SELECT
    %(instant)s, %(clock)s, pg_current_xact_id(), %(actor_id)s, %(actor)s, %(channel)s,
    %(client_address)s::inet, %(request_id)s, opened.reason, %(batch)s, %(model)s, {thing},
    {json_key}, opened.valid_from, opened.valid_to, {json_payload}, 'opened'
FROM opened
