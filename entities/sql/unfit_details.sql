-- Assertions of details over periods in which their types are not valid (throughout the period, or
-- at its start where it has no end), or whose texts do not match a pattern that the type has in the
-- period (up to the instant of the call where it has no end). What holds already over that period
-- is not new and passes.
-- parameters: instant (of the call, and the start where none is given), longest (characters of a
--             text that is matched), those of the facts
-- rows: (ordinal, code, pattern; NULL where the type is not valid)
WITH fact AS MATERIALIZED (
    SELECT ordinal, uuid, code, value, valid_from,
        CASE WHEN valid_to IS NULL
            THEN tstzrange(valid_from, greatest(valid_from, %(instant)s), '[]')
            ELSE tstzrange(valid_from, valid_to)
        END AS period,
        CASE WHEN valid_to IS NULL THEN tstzrange(valid_from, valid_from, '[]')
            ELSE tstzrange(valid_from, valid_to)
        END AS needed
    FROM ({facts}) AS given
    WHERE valid_to IS NULL OR valid_to > valid_from
)
SELECT fact.ordinal, fact.code, fault.pattern
FROM fact
LEFT JOIN (
    SELECT code, range_agg(tstzrange(valid_from, valid_to)) AS periods
    FROM entities_detailtype WHERE system_to IS NULL GROUP BY code
) AS type ON type.code = fact.code
CROSS JOIN LATERAL (
    SELECT NULL AS pattern WHERE NOT coalesce(type.periods @> fact.needed, false)
    UNION ALL
    SELECT version.pattern
    FROM entities_detailtype AS version
    WHERE version.system_to IS NULL AND version.code = fact.code AND version.pattern IS NOT NULL
        AND tstzrange(version.valid_from, version.valid_to) && fact.period
        AND (
            length(fact.value) > %(longest)s
            OR fact.value !~ ('^(?:' || version.pattern || ')$')
        )
) AS fault
WHERE NOT EXISTS (
    SELECT FROM entities_entitydetail AS held
    WHERE held.entity_uuid = fact.uuid AND held.detail_code = fact.code
        AND held.system_to IS NULL AND held.value = fact.value
        AND tstzrange(held.valid_from, held.valid_to) @> fact.period
)
ORDER BY fact.ordinal, fact.code, fault.pattern NULLS FIRST
