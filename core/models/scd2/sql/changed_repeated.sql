-- Things of which a key has several staged Changes, unless all of these are certain to have no effect
-- and none of them is overtaken or contradicts another; the general plan decides on the rest.
-- Each Change is held against one version, the last that begins within its reach. Changes and
-- versions are sorted into one line a key for that: a join by key would meet every version of a key
-- for every Change of it.
-- parameters: instant (stands for a start that is not given), horizon, limit
INSERT INTO {changed} (root)
WITH begun AS (
    SELECT {staged_key}, staged.ordinal, staged.kind, staged.sets, staged.valid_to, staged.future,
        coalesce(staged.valid_from, %(instant)s) AS start,
        staged AS staged
    FROM {staged} AS staged
    WHERE EXISTS (SELECT FROM {repeated} AS repeated WHERE {repeated_is_staged})
), numbered AS (
    SELECT
        begun.*,
        min(begun.start) FILTER (WHERE begun.kind <> 'p' AND begun.valid_to IS NULL) OVER later
            AS next_start,
        max(begun.start) FILTER (
            WHERE begun.kind <> 'p' AND begun.valid_to IS NULL AND begun.start <= %(instant)s
        ) OVER (PARTITION BY {begun_key}) AS last_start,
        max(begun.valid_to) OVER (PARTITION BY {begun_key} ORDER BY begun.start) AS bounded_until,
        min(begun.kind || begun.sets) OVER alike <> max(begun.kind || begun.sets) OVER alike
            AS is_ambiguous
    FROM begun
    WINDOW
        later AS (
            PARTITION BY {begun_key} ORDER BY begun.start DESC
            GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        alike AS (PARTITION BY {begun_key}, begun.start)
), line AS (
    SELECT
        {numbered_key},
        CASE
            WHEN numbered.kind <> 'r' THEN numbered.start + interval '1 microsecond'
            WHEN numbered.valid_to IS NOT NULL THEN numbered.valid_to
            ELSE least(
                numbered.next_start,
                %(limit)s::timestamptz,
                CASE WHEN numbered.future = 'keep' THEN
                    greatest(numbered.start, %(horizon)s::timestamptz) + interval '1 microsecond'
                ELSE
                    'infinity'
                END
            )
        END AS at,
        false AS is_version,
        numbered.start,
        numbered.next_start,
        -- No other that begins by now sets every column after it.
        numbered.kind <> 'r' AND numbered.valid_to IS NULL AND numbered.start <= %(instant)s
            AND numbered.start >= coalesce(numbered.last_start, '-infinity') AS is_last,
        numbered.is_ambiguous
            OR (numbered.valid_to IS NULL AND numbered.bounded_until > numbered.start) IS TRUE
            AS is_contradicted,
        numbered.staged,
        NULL::{table} AS version
    FROM numbered
    UNION ALL
    SELECT {version_key}, version.valid_from, true, NULL, NULL, NULL, NULL, NULL::{staged}, version
    FROM {repeated} AS staged
    JOIN {table} AS version ON {version_is_staged}
    WHERE version.system_to IS NULL
), grouped AS (
    SELECT
        line.*,
        count(*) FILTER (WHERE line.is_version) OVER (
            PARTITION BY {line_key} ORDER BY line.at, line.is_version ROWS UNBOUNDED PRECEDING
        ) AS number
    FROM line
), held AS (
    SELECT
        grouped.is_version, grouped.start, grouped.next_start, grouped.is_last,
        grouped.is_contradicted, grouped.staged,
        first_value(grouped.version) OVER (
            PARTITION BY {grouped_key}, grouped.number ORDER BY grouped.at, grouped.is_version
        ) AS version
    FROM grouped
), judged AS (
    SELECT
        staged.{root} AS root,
        CASE
            WHEN held.is_contradicted OR staged.valid_to <= held.start THEN false
            WHEN held.is_last AND (
                version.id IS NULL
                OR version.valid_to <= %(instant)s
                OR %(limit)s::timestamptz <= %(instant)s
            ) THEN false
            WHEN staged.valid_to IS NULL AND held.start >= %(limit)s::timestamptz THEN true
            WHEN staged.kind = 'r' THEN version.id IS NULL OR version.valid_to <= held.start
            ELSE {same}
                AND version.id IS NOT NULL
                AND (version.valid_to IS NULL OR version.valid_to > held.start)
                AND (
                    version.valid_to IS NULL
                    OR version.valid_to >= least(
                        staged.valid_to,
                        CASE WHEN staged.valid_to IS NULL AND staged.kind = 'w' THEN held.next_start END,
                        CASE WHEN staged.valid_to IS NULL THEN %(limit)s::timestamptz END
                    )
                    OR (
                        staged.valid_to IS NULL
                        AND staged.future = 'keep'
                        AND version.valid_to > greatest(held.start, %(horizon)s::timestamptz)
                    )
                )
        END AS is_certain
    FROM held
    CROSS JOIN LATERAL (SELECT (held.staged).*) AS staged
    CROSS JOIN LATERAL (SELECT (held.version).*) AS version
    WHERE NOT held.is_version
)
SELECT DISTINCT judged.root
FROM judged
WHERE judged.is_certain IS NOT TRUE
    AND NOT EXISTS (SELECT FROM {changed} AS known WHERE known.root = judged.root)
