-- One audit entry for each period over which the timeline of a key changed.
-- parameters: rows (JSON), instant, clock, model; the context's
INSERT INTO core_auditentry (
    instant, recorded_at, txid, actor_id, actor, channel, client_address, request_id, reason,
    batch, model, uuid, natural_key, valid_from, valid_to, before, after, action
)
SELECT
    %(instant)s, %(clock)s, pg_current_xact_id(), %(actor_id)s, %(actor)s, %(channel)s,
    %(client_address)s::inet, %(request_id)s, reason, %(batch)s, %(model)s, thing, natural_key,
    valid_from, valid_to, before, after,
    CASE
        WHEN before IS NULL THEN 'opened'
        WHEN after IS NULL THEN 'ended'
        WHEN valid_from < %(instant)s THEN 'corrected'
        ELSE 'changed'
    END
FROM json_to_recordset(%(rows)s::json) AS period (
    thing uuid, natural_key jsonb, valid_from timestamptz, valid_to timestamptz, before jsonb,
    after jsonb, reason text
)
