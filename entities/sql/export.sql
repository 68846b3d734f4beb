-- Everything that is valid at an instant, by uuid and code.
-- parameters: as_of, known_at (NULL is now), source (NULL is any), hidden_names, hidden_details
-- rows: one a detail, one for an entity without any: (uuid, source, source_id, entity_type,
--       display_name, detail_code, value); NULL is a name or a value that is hidden
SELECT
    version.uuid, anchor.source, anchor.source_id, version.entity_type,
    CASE WHEN version.entity_type = ANY(%(hidden_names)s::text[]) THEN NULL
        ELSE version.display_name END AS display_name,
    detail.detail_code,
    CASE WHEN detail.detail_code = ANY(%(hidden_details)s::text[]) THEN NULL
        ELSE detail.value END AS value
FROM entities_entity AS version
JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
LEFT JOIN entities_entitydetail AS detail
    ON detail.entity_uuid = version.uuid
    AND detail.valid_from <= %(as_of)s
    AND (detail.valid_to IS NULL OR detail.valid_to > %(as_of)s OR detail.closed_at > %(known_at)s)
    AND (%(known_at)s::timestamptz IS NULL OR detail.system_from <= %(known_at)s)
    AND (detail.system_to IS NULL OR detail.system_to > %(known_at)s)
WHERE version.valid_from <= %(as_of)s
    AND (
        version.valid_to IS NULL OR version.valid_to > %(as_of)s OR version.closed_at > %(known_at)s
    )
    AND (%(known_at)s::timestamptz IS NULL OR version.system_from <= %(known_at)s)
    AND (version.system_to IS NULL OR version.system_to > %(known_at)s)
    AND (%(source)s::text IS NULL OR anchor.source = %(source)s)
ORDER BY version.uuid, detail.detail_code
