-- The first hundred entities by name, as they are now, as JSON.
-- rows: (json)
SELECT json_build_object(
    'results', json_agg(json_build_object(
        'uuid', item.uuid, 'entity_type', item.entity_type, 'display_name', item.display_name,
        'source', item.source, 'source_id', item.source_id,
        'valid_from', to_char(item.valid_from, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'valid_to', to_char(item.valid_to, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'is_current', item.is_current,
        'system_from', to_char(item.system_from, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'hash_diff', encode(item.hash_diff, 'hex')
    ) ORDER BY item.display_name, item.uuid)
)::text AS json
FROM (
    SELECT version.*, anchor.source, anchor.source_id
    FROM entities_entity AS version
    JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
    WHERE version.system_to IS NULL AND version.valid_from <= now()
        AND (version.valid_to IS NULL OR version.valid_to > now())
    ORDER BY version.display_name, version.uuid
    LIMIT 100
) AS item
