-- The two kinds of entities that every register begins with, and their entries in the log: valid
-- since the beginning of time, believed since that of system time, so that a backfill of any age
-- comes later. A register that has one of the codes already keeps what it has.
SELECT set_config('core.backfill', 'on', true);

WITH anchor AS (
    INSERT INTO entities_entitytypeanchor (code) VALUES ('INSTITUTION'), ('PERSON')
    ON CONFLICT (code) DO NOTHING
    RETURNING code
), version AS (
    INSERT INTO entities_entitytype (
        code, name, description, is_pii_name, valid_from, system_from, actor, reason
    )
    SELECT
        code, initcap(code), '', false, '0001-01-01 00:00:00+00', '1970-01-01 00:00:00+00',
        'migration', 'Every register begins with it.'
    FROM anchor
    RETURNING code, name, description, is_pii_name, valid_from, system_from, actor, reason
)
INSERT INTO core_auditentry (
    instant, recorded_at, txid, actor, channel, reason, model, uuid, natural_key, valid_from, after,
    action
)
SELECT
    system_from, clock_timestamp(), pg_current_xact_id(), actor, 'system', reason,
    'entities.entitytype', md5('entities.entitytypeanchor:' || code)::uuid,
    jsonb_build_object('code', code), valid_from,
    jsonb_build_object('name', name, 'description', description, 'is_pii_name', is_pii_name),
    'opened'
FROM version;

SELECT set_config('core.backfill', '', true);
