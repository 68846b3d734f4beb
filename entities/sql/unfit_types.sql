-- Assertions of entity types over periods in which they are not valid: throughout the period, or at
-- its start where it has no end. What holds already from the start to the end, or to the instant of
-- the call, is not new and passes.
-- parameters: instant (of the call, and the start where none is given), those of the facts
-- rows: (ordinal, code)
WITH fact AS MATERIALIZED (
    SELECT ordinal, uuid, code, valid_from,
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
SELECT fact.ordinal, fact.code
FROM fact
LEFT JOIN (
    SELECT code, range_agg(tstzrange(valid_from, valid_to)) AS periods
    FROM entities_entitytype WHERE system_to IS NULL GROUP BY code
) AS type ON type.code = fact.code
WHERE NOT coalesce(type.periods @> fact.needed, false)
    AND NOT coalesce((
        SELECT range_agg(tstzrange(held.valid_from, held.valid_to))
        FROM entities_entity AS held
        WHERE held.uuid = fact.uuid AND held.entity_type = fact.code AND held.system_to IS NULL
    ) @> fact.period, false)
ORDER BY fact.ordinal
