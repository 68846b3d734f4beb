-- Fast path: from the very start of the open version on, something else holds, or nothing. It is
-- superseded, and with it the version before, where that says the same and goes on now.
-- parameters: instant, clock and those of the context
-- rows: (the keys served, of which are asserted, the versions superseded)
WITH gone AS (
    UPDATE {table} AS version
    SET system_to = %(instant)s, updated_at = %(clock)s
    FROM {staged} AS staged
    JOIN {changed} AS changed ON changed.root = staged.{root}
    WHERE {version_is_staged}
        AND version.system_to IS NULL
        AND staged.kind <> 'p'
        AND staged.valid_to IS NULL
        AND CASE
            WHEN version.valid_to IS NULL THEN
                version.valid_from = coalesce(staged.valid_from, %(instant)s)
                AND (staged.kind = 'r' OR NOT ({same}))
            ELSE
                version.valid_to = coalesce(staged.valid_from, %(instant)s)
                AND staged.kind = 'w'
                AND {same}
        END
        AND NOT EXISTS (SELECT FROM {general} AS general WHERE {general_is_staged})
    RETURNING
        {staged_columns},
        staged.kind,
        coalesce(staged.valid_from, %(instant)s) AS start,
        coalesce(staged.reason, %(reason)s) AS reason,
        version.valid_from,
        version.valid_to,
        {json_version} AS before
), opened AS (
    INSERT INTO {table} ({columns}, valid_from, system_from, actor_id, actor, reason)
    SELECT {columns}, min(gone.valid_from), %(instant)s, %(actor_id)s, %(actor)s, gone.reason
    FROM gone
    WHERE gone.kind = 'w'
    GROUP BY {columns}, gone.reason
    ORDER BY {key}
), logged AS (
    INSERT INTO core_auditentry (
        instant, recorded_at, txid, actor_id, actor, channel, client_address, request_id, reason,
        batch, model, uuid, natural_key, valid_from, before, after, action
    )
    SELECT
        %(instant)s, %(clock)s, pg_current_xact_id(), %(actor_id)s, %(actor)s, %(channel)s,
        %(client_address)s::inet, %(request_id)s, gone.reason, %(batch)s, %(model)s, {thing},
        {json_key}, gone.start, gone.before,
        CASE WHEN gone.kind = 'w' THEN {json_payload} END,
        CASE
            WHEN gone.kind = 'r' THEN 'ended'
            WHEN gone.start < %(instant)s THEN 'corrected'
            ELSE 'changed'
        END
    FROM gone
    WHERE gone.valid_to IS NULL
), ended AS (
    INSERT INTO {shrunk} (root, since)
    SELECT gone.{root}, gone.start FROM gone WHERE gone.kind = 'r' AND {is_container}
    ON CONFLICT DO NOTHING
)
SELECT
    count(*) FILTER (WHERE gone.valid_to IS NULL),
    count(*) FILTER (WHERE gone.valid_to IS NULL AND gone.kind = 'w'),
    count(*)
FROM gone
