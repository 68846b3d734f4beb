-- The open versions of what changed end where the new ones begin; the log says so.
-- parameters: start, instant
WITH closed AS (
    UPDATE entities_entity AS version
    SET valid_to = %(start)s, closed_at = %(instant)s, updated_at = %(instant)s
    FROM changed_entity AS changed
    WHERE version.uuid = changed.uuid AND version.is_current
    RETURNING version.uuid, changed.entity_type, changed.display_name,
        jsonb_build_object(
            'entity_type', version.entity_type, 'display_name', version.display_name
        ) AS before
), opened AS (
    INSERT INTO entities_entity (uuid, entity_type, display_name, valid_from, system_from, actor)
    SELECT uuid, entity_type, display_name, %(start)s, %(instant)s, 'floor'
    FROM closed
    ORDER BY uuid
)
INSERT INTO core_auditentry (
    instant, txid, actor, channel, model, uuid, natural_key, valid_from, before, after, action
)
SELECT %(instant)s, pg_current_xact_id(), 'floor', 'ingest', 'entities.entity', uuid,
    jsonb_build_object('uuid', uuid), %(start)s, before,
    jsonb_build_object('entity_type', entity_type, 'display_name', display_name), 'changed'
FROM closed
