-- The first hundred entities of a type by name, as they were at an instant, with their details.
-- parameters: type, as_of; rows: (json)
SELECT json_build_object(
    'results', json_agg(json_build_object(
        'uuid', item.uuid, 'entity_type', item.entity_type, 'display_name', item.display_name,
        'source', item.source, 'source_id', item.source_id,
        'valid_from', to_char(item.valid_from, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'valid_to', to_char(item.valid_to, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'is_current', item.valid_to IS NULL,
        'system_from', to_char(item.system_from, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'hash_diff', encode(item.hash_diff, 'hex'),
        'details', (
            SELECT json_object_agg(detail.detail_code, CASE
                WHEN detail.detail_code = 'EMPLOYEES' THEN detail.value::json
                ELSE to_json(detail.value)
            END ORDER BY detail.detail_code)
            FROM entities_entitydetail AS detail
            WHERE detail.entity_uuid = item.uuid
                AND detail.system_to IS NULL AND detail.valid_from <= %(as_of)s
                AND (detail.valid_to IS NULL OR detail.valid_to > %(as_of)s)
        ),
        'masked', json_build_array()
    ) ORDER BY item.display_name, item.uuid)
)::text AS json
FROM (
    SELECT version.*, anchor.source, anchor.source_id
    FROM entities_entity AS version
    JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
    WHERE version.entity_type = %(type)s
        AND version.system_to IS NULL AND version.valid_from <= %(as_of)s
        AND (version.valid_to IS NULL OR version.valid_to > %(as_of)s)
    ORDER BY version.display_name, version.uuid
    LIMIT 100
) AS item
