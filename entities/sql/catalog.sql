-- The types that are believed now, version by version, and the clock.
-- parameters: types, codes (text[], those of entities and of details; NULL is all)
-- rows: at least one, (now, of_details, code, valid_from, valid_to, data_type, pattern); all but the
--       clock are NULL where there is no type
SELECT now.instant, type.of_details, type.code, type.valid_from, type.valid_to, type.data_type,
    type.pattern
FROM (SELECT clock_timestamp() AS instant) AS now
LEFT JOIN (
    SELECT false AS of_details, code, valid_from, valid_to, NULL AS data_type, NULL AS pattern
    FROM entities_entitytype
    WHERE system_to IS NULL AND (%(types)s::text[] IS NULL OR code = ANY(%(types)s::text[]))
    UNION ALL
    SELECT true, code, valid_from, valid_to, data_type, pattern
    FROM entities_detailtype
    WHERE system_to IS NULL AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s::text[]))
) AS type ON true
ORDER BY type.of_details, type.code, type.valid_from
