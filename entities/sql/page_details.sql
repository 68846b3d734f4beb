-- The details of a page of entities as they are at an instant.
-- parameters: uuids, as_of, known_at (NULL is now), hidden_details
-- rows: (entity_uuid, detail_code, value: NULL if it is hidden, data_type)
SELECT
    detail.entity_uuid, detail.detail_code,
    CASE WHEN detail.detail_code = ANY(%(hidden_details)s::text[]) THEN NULL
        ELSE detail.value END AS value,
    known.data_type
FROM entities_entitydetail AS detail
LEFT JOIN (
    SELECT DISTINCT ON (type.code) type.code, type.data_type
    FROM entities_detailtype AS type WHERE type.system_to IS NULL
    ORDER BY type.code
) AS known ON known.code = detail.detail_code
WHERE detail.entity_uuid = ANY(%(uuids)s)
    AND detail.valid_from <= %(as_of)s
    AND (detail.valid_to IS NULL OR detail.valid_to > %(as_of)s OR detail.closed_at > %(known_at)s)
    AND (%(known_at)s::timestamptz IS NULL OR detail.system_from <= %(known_at)s)
    AND (detail.system_to IS NULL OR detail.system_to > %(known_at)s)
ORDER BY detail.entity_uuid, detail.detail_code
