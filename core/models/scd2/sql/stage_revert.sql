-- What a batch changed in one model, as Changes that assert what held before, over those parts of
-- its periods on which nothing later stands.
-- parameters: batch, instant, limit, model, contents, container; rowcount: the Changes
WITH entry AS MATERIALIZED (
    SELECT entry.* FROM core_auditentry AS entry
    WHERE entry.instant = %(instant)s AND entry.batch = %(batch)s AND entry.model = %(model)s
), covered AS (
    SELECT entry.id, range_agg(tstzrange(later.valid_from, later.valid_to)) AS periods
    FROM entry
    JOIN core_auditentry AS later ON {stands_on_top}
    GROUP BY entry.id
)
INSERT INTO {staged} (ordinal, kind, sets, valid_from, valid_to, future, {columns})
SELECT
    row_number() OVER (),
    CASE WHEN entry.before IS NULL THEN 'r' ELSE 'w' END,
    CASE WHEN entry.before IS NULL THEN 0 ELSE {every_column} END,
    lower(part.period),
    upper(part.period),
    CASE WHEN upper_inf(part.period) THEN 'overwrite' ELSE 'keep' END,
    {key_values},
    {payload_values}
FROM entry
LEFT JOIN covered ON covered.id = entry.id
CROSS JOIN LATERAL unnest(
    tstzmultirange(
        tstzrange(entry.valid_from, entry.valid_to) * tstzrange(NULL, %(limit)s::timestamptz)
    )
        - coalesce(covered.periods, tstzmultirange())
) AS part (period)
