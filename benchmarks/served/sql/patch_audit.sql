-- Say who changed what.
-- parameters: instant, actor_id, actor, address, request_id, uuid, before, after; rows: none
INSERT INTO core_auditentry (
    instant, recorded_at, txid, actor_id, actor, channel, client_address, request_id, reason,
    model, uuid, natural_key, valid_from, before, after, action
)
VALUES (
    %(instant)s, clock_timestamp(), pg_current_xact_id(), %(actor_id)s, %(actor)s, 'api',
    %(address)s::inet, %(request_id)s, '', 'entities.entity', %(uuid)s,
    jsonb_build_object('uuid', %(uuid)s), %(instant)s, %(before)s::jsonb, %(after)s::jsonb,
    'changed'
)
