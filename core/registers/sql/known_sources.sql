-- Every source of a register, found by one look-up each in the index of names: the anchors of a source
-- are passed over.
-- rows: (source), sorted
WITH RECURSIVE known (source) AS (
    (
        SELECT anchor.source FROM {anchors} AS anchor
        WHERE anchor.source IS NOT NULL ORDER BY anchor.source LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT anchor.source FROM {anchors} AS anchor
        WHERE anchor.source > known.source ORDER BY anchor.source LIMIT 1
    )
    FROM known WHERE known.source IS NOT NULL
)
SELECT source FROM known WHERE source IS NOT NULL
