-- What held from one instant to another is corrected from an instant between on: the version is
-- superseded, its first part and the corrected rest are opened, and the log says so.
-- parameters: start, instant
WITH gone AS (
    UPDATE entities_entity AS version
    SET system_to = %(instant)s, updated_at = %(instant)s
    FROM staged_entity AS staged
    WHERE version.uuid = staged.uuid
        AND version.system_to IS NULL
        AND version.valid_from < %(start)s
        AND version.valid_to > %(start)s
    RETURNING version.uuid, version.entity_type AS was_type, version.display_name AS was_name,
        staged.entity_type, staged.display_name, version.valid_from, version.valid_to
), opened AS (
    INSERT INTO entities_entity (
        uuid, entity_type, display_name, valid_from, valid_to, system_from, actor
    )
    SELECT uuid, was_type, was_name, valid_from, %(start)s, %(instant)s, 'floor' FROM gone
    UNION ALL
    SELECT uuid, entity_type, display_name, %(start)s, valid_to, %(instant)s, 'floor' FROM gone
    ORDER BY 1, 4
)
INSERT INTO core_auditentry (
    instant, txid, actor, channel, model, uuid, natural_key, valid_from, valid_to, before, after,
    action
)
SELECT %(instant)s, pg_current_xact_id(), 'floor', 'ingest', 'entities.entity', uuid,
    jsonb_build_object('uuid', uuid), %(start)s, valid_to,
    jsonb_build_object('entity_type', was_type, 'display_name', was_name),
    jsonb_build_object('entity_type', entity_type, 'display_name', display_name), 'corrected'
FROM gone
