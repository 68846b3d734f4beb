-- An entity as it is now, as JSON.
-- parameters: uuid; rows: (json)
SELECT json_build_object(
    'uuid', version.uuid, 'entity_type', version.entity_type, 'display_name', version.display_name,
    'source', anchor.source, 'source_id', anchor.source_id,
    'valid_from', to_char(version.valid_from, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'valid_to', to_char(version.valid_to, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'is_current', version.is_current,
    'system_from', to_char(version.system_from, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'hash_diff', encode(version.hash_diff, 'hex'),
    'details', (
        SELECT json_object_agg(detail.detail_code, CASE
            WHEN detail.detail_code = 'EMPLOYEES' THEN detail.value::json
            ELSE to_json(detail.value)
        END ORDER BY detail.detail_code)
        FROM entities_entitydetail AS detail
        WHERE detail.entity_uuid = version.uuid
            AND detail.system_to IS NULL AND detail.valid_from <= now()
            AND (detail.valid_to IS NULL OR detail.valid_to > now())
    ),
    'masked', json_build_array()
)::text AS json
FROM entities_entity AS version
JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
WHERE version.uuid = %(uuid)s
    AND version.system_to IS NULL AND version.valid_from <= now()
    AND (version.valid_to IS NULL OR version.valid_to > now())
