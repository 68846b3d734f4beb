-- An entity at an instant, with its details.
-- parameters: uuid, as_of, known_at (NULL is now), hidden_names, hidden_details
-- rows: one a detail, one without any: (id, uuid, entity_type, display_name, source, source_id,
--       valid_from, valid_to, closed_at, system_from, hash_diff, the
--       detail's id, detail_code, value, data_type); NULL is a name, a hash or a value that is
--       hidden
SELECT
    version.id, version.uuid, version.entity_type,
    CASE WHEN version.entity_type = ANY(%(hidden_names)s::text[]) THEN NULL
        ELSE version.display_name END AS shown_name,
    anchor.source, anchor.source_id,
    version.valid_from, version.valid_to, version.closed_at, version.system_from,
    CASE WHEN version.entity_type = ANY(%(hidden_names)s::text[]) THEN NULL
        ELSE encode(version.hash_diff, 'hex') END AS hash_diff,
    detail.id, detail.detail_code,
    CASE WHEN detail.detail_code = ANY(%(hidden_details)s::text[]) THEN NULL
        ELSE detail.value END AS value,
    known.data_type
FROM entities_entity AS version
JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
LEFT JOIN entities_entitydetail AS detail
    ON detail.entity_uuid = version.uuid
    AND detail.valid_from <= %(as_of)s
    AND (detail.valid_to IS NULL OR detail.valid_to > %(as_of)s OR detail.closed_at > %(known_at)s)
    AND (%(known_at)s::timestamptz IS NULL OR detail.system_from <= %(known_at)s)
    AND (detail.system_to IS NULL OR detail.system_to > %(known_at)s)
LEFT JOIN LATERAL (
    SELECT data_type FROM entities_detailtype AS type
    WHERE type.code = detail.detail_code AND type.system_to IS NULL LIMIT 1
) AS known ON true
WHERE version.uuid = %(uuid)s
    AND version.valid_from <= %(as_of)s
    AND (
        version.valid_to IS NULL OR version.valid_to > %(as_of)s OR version.closed_at > %(known_at)s
    )
    AND (%(known_at)s::timestamptz IS NULL OR version.system_from <= %(known_at)s)
    AND (version.system_to IS NULL OR version.system_to > %(known_at)s)
ORDER BY detail.detail_code
