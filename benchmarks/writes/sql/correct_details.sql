-- As correct_entities, of details.
-- parameters: start, instant
WITH gone AS (
    UPDATE entities_entitydetail AS version
    SET system_to = %(instant)s, updated_at = %(instant)s
    FROM staged_detail AS staged
    WHERE version.entity_uuid = staged.entity_uuid
        AND version.detail_code = staged.detail_code
        AND version.system_to IS NULL
        AND version.valid_from < %(start)s
        AND version.valid_to > %(start)s
        AND version.value <> staged.value
    RETURNING version.entity_uuid, version.detail_code, version.value AS was, staged.value,
        version.valid_from, version.valid_to
), opened AS (
    INSERT INTO entities_entitydetail (
        entity_uuid, detail_code, value, valid_from, valid_to, system_from, actor
    )
    SELECT entity_uuid, detail_code, was, valid_from, %(start)s, %(instant)s, 'floor' FROM gone
    UNION ALL
    SELECT entity_uuid, detail_code, value, %(start)s, valid_to, %(instant)s, 'floor' FROM gone
    ORDER BY 1, 2, 4
)
INSERT INTO core_auditentry (
    instant, txid, actor, channel, model, uuid, natural_key, valid_from, valid_to, before, after,
    action
)
SELECT %(instant)s, pg_current_xact_id(), 'floor', 'ingest', 'entities.entitydetail', entity_uuid,
    jsonb_build_object('entity_uuid', entity_uuid, 'detail_code', detail_code), %(start)s,
    valid_to, jsonb_build_object('value', was), jsonb_build_object('value', value), 'corrected'
FROM gone
