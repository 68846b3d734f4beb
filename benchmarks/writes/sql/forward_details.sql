-- The open versions of what changed end where the new ones begin; the log says so.
-- parameters: start, instant
WITH closed AS (
    UPDATE entities_entitydetail AS version
    SET valid_to = %(start)s, closed_at = %(instant)s, updated_at = %(instant)s
    FROM changed_detail AS changed
    WHERE version.entity_uuid = changed.entity_uuid
        AND version.detail_code = changed.detail_code
        AND version.is_current
    RETURNING version.entity_uuid, version.detail_code, changed.value,
        jsonb_build_object('value', version.value) AS before
), opened AS (
    INSERT INTO entities_entitydetail (
        entity_uuid, detail_code, value, valid_from, system_from, actor
    )
    SELECT entity_uuid, detail_code, value, %(start)s, %(instant)s, 'floor'
    FROM closed
    ORDER BY entity_uuid, detail_code
)
INSERT INTO core_auditentry (
    instant, txid, actor, channel, model, uuid, natural_key, valid_from, before, after, action
)
SELECT %(instant)s, pg_current_xact_id(), 'floor', 'ingest', 'entities.entitydetail', entity_uuid,
    jsonb_build_object('entity_uuid', entity_uuid, 'detail_code', detail_code), %(start)s, before,
    jsonb_build_object('value', value), 'changed'
FROM closed
