-- Fast path: close the open version where the new one begins, and open that.
-- is_current says that it is live and open. To say that again by the columns it is generated from
-- would make a planner without statistics expect one row, and choose a loop over all of them.
-- parameters: instant, clock and those of the context; rowcount: the keys served
WITH closed AS (
    UPDATE {table} AS version
    SET valid_to = coalesce(staged.valid_from, %(instant)s),
        closed_at = %(instant)s,
        updated_at = %(clock)s
    FROM {staged} AS staged
    JOIN {changed} AS changed ON changed.root = staged.{root}
    WHERE {version_is_staged}
        AND version.is_current
        AND version.valid_from < coalesce(staged.valid_from, %(instant)s)
        AND NOT ({same})
        AND NOT EXISTS (SELECT FROM {general} AS general WHERE {general_is_staged})
    RETURNING
        {staged_key},
        {merged},
        version.valid_to AS valid_from,
        coalesce(staged.reason, %(reason)s) AS reason,
        {json_version} AS before
), opened AS (
    INSERT INTO {table} ({columns}, valid_from, system_from, actor_id, actor, reason)
    SELECT {columns}, valid_from, %(instant)s, %(actor_id)s, %(actor)s, reason
    FROM closed
    ORDER BY {key}
)
INSERT INTO core_auditentry (
    instant, recorded_at, txid, actor_id, actor, channel, client_address, request_id, reason,
    batch, model, uuid, natural_key, valid_from, before, after, action
)
SELECT
    %(instant)s, %(clock)s, pg_current_xact_id(), %(actor_id)s, %(actor)s, %(channel)s,
    %(client_address)s::inet, %(request_id)s, closed.reason, %(batch)s, %(model)s, {thing},
    {json_key}, closed.valid_from, closed.before, {json_payload},
    CASE WHEN closed.valid_from < %(instant)s THEN 'corrected' ELSE 'changed' END
FROM closed
