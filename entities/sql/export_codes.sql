-- The codes of all details that are valid at an instant, those that are hidden left out.
-- parameters: as_of, known_at (NULL is now), source (NULL is any), hidden_details; rows: (code)
SELECT DISTINCT detail.detail_code
FROM entities_entitydetail AS detail
JOIN entities_entityanchor AS anchor ON anchor.uuid = detail.entity_uuid
WHERE detail.valid_from <= %(as_of)s
    AND (detail.valid_to IS NULL OR detail.valid_to > %(as_of)s OR detail.closed_at > %(known_at)s)
    AND (%(known_at)s::timestamptz IS NULL OR detail.system_from <= %(known_at)s)
    AND (detail.system_to IS NULL OR detail.system_to > %(known_at)s)
    AND (%(source)s::text IS NULL OR anchor.source = %(source)s)
    AND NOT detail.detail_code = ANY(%(hidden_details)s::text[])
ORDER BY detail.detail_code
