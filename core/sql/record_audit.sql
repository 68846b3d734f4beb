-- record_audit: one audit entry for a change of an unversioned table.
-- Parameters: label, uuid, key, before, after (JSON as text), action, actor_id, actor, channel,
--             client_address, request_id, reason, batch, system_instant (NULL is the clock's).
-- Rows: one, the instant. The transaction takes its id before its instant, as settled reads need.
WITH writer AS MATERIALIZED (
    SELECT pg_current_xact_id() AS txid
), clock AS MATERIALIZED (
    SELECT txid, greatest(
        clock_timestamp(),
        (SELECT max(instant) FROM core_auditentry) + interval '1 microsecond'
    ) AS recorded_at
    FROM writer
), moment AS MATERIALIZED (
    SELECT txid, recorded_at, coalesce(%(system_instant)s::timestamptz, recorded_at) AS instant
    FROM clock
)
INSERT INTO core_auditentry AS entry (
    instant, recorded_at, txid, actor_id, actor, channel, client_address, request_id, reason, batch,
    model, uuid, natural_key, valid_from, before, after, action
)
SELECT instant, recorded_at, txid, %(actor_id)s::bigint, %(actor)s, %(channel)s,
       %(client_address)s::inet, %(request_id)s, %(reason)s, %(batch)s, %(label)s, %(uuid)s,
       %(key)s::jsonb, instant, %(before)s::jsonb, %(after)s::jsonb, %(action)s
FROM moment
RETURNING entry.instant
