-- Retractions of what holds of the staged things and no staged assertion covers. They have ordinals
-- of their own, which are negative. The periods of a key are added up and subtracted as a whole, so
-- that many of them take no longer than many keys.
INSERT INTO {staged} AS fresh (ordinal, kind, sets, valid_from, valid_to, future, implied, {key})
WITH covered AS (
    SELECT {staged_key}, range_agg(tstzrange(staged.valid_from, staged.valid_to)) AS periods
    FROM {staged} AS staged
    WHERE staged.kind <> 'r'
    GROUP BY {staged_key}
), live AS (
    SELECT {version_key}, range_agg(tstzrange(version.valid_from, version.valid_to)) AS periods
    FROM {table} AS version
    WHERE version.system_to IS NULL
        AND version.{root} IN (SELECT own.{own_root} FROM {own} AS own)
    GROUP BY {version_key}
)
SELECT
    -row_number() OVER (), 'r', 0, lower(part.period), upper(part.period),
    CASE WHEN upper_inf(part.period) THEN 'overwrite' ELSE 'keep' END, true, {live_key}
FROM live
LEFT JOIN covered ON {covered_is_live}
CROSS JOIN LATERAL unnest(live.periods - coalesce(covered.periods, tstzmultirange()))
    AS part (period)
