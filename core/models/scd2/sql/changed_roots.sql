-- Things on which at least one staged Change of this model is not without effect. An assertion is
-- without effect where a version holds that says all of it, beyond the horizon; or where it starts
-- at the limit of the load or later. One join: versions do not overlap. Several Changes of a key
-- are looked at together: see changed_repeated.
-- What is without effect and ended before the instant may be overtaken: see overtaken_prune.
-- parameters: instant (stands for a start that is not given), horizon, limit
-- rows: (whether anything may be overtaken)
WITH looked AS MATERIALIZED (
    SELECT
        {staged_key},
        staged.ordinal,
        version.id IS NULL AND NOT beyond.it AS is_changing,
        CASE WHEN beyond.it THEN %(limit)s::timestamptz
            ELSE least(version.valid_to, %(limit)s::timestamptz)
        END AS since
    FROM {staged} AS staged
    CROSS JOIN LATERAL (
        SELECT staged.valid_to IS NULL
            AND coalesce(coalesce(staged.valid_from, %(instant)s) >= %(limit)s::timestamptz, false)
            AS it
    ) AS beyond
    LEFT JOIN {table} AS version ON {version_is_staged}
        AND {same}
        AND version.system_to IS NULL
        AND version.valid_from <= coalesce(staged.valid_from, %(instant)s)
        AND (
            version.valid_to IS NULL
            OR version.valid_to > coalesce(staged.valid_from, %(instant)s)
        )
        AND CASE
            WHEN staged.valid_to IS NULL THEN
                version.valid_to IS NULL
                OR version.valid_to >= %(limit)s::timestamptz
                OR (
                    staged.future = 'keep'
                    AND version.valid_to > greatest(
                        coalesce(staged.valid_from, %(instant)s), %(horizon)s::timestamptz
                    )
                )
            ELSE
                staged.valid_to > coalesce(staged.valid_from, %(instant)s)
                AND (version.valid_to IS NULL OR version.valid_to >= staged.valid_to)
        END
    WHERE staged.kind <> 'r'
        AND NOT EXISTS (SELECT FROM {repeated} AS repeated WHERE {repeated_is_staged})
        AND (
            (version.id IS NULL AND NOT beyond.it)
            OR (
                staged.valid_to IS NULL
                AND coalesce(staged.valid_from, %(instant)s) <= %(instant)s
                AND (beyond.it OR least(version.valid_to, %(limit)s::timestamptz) <= %(instant)s)
            )
        )
), stopped AS (
    INSERT INTO {overtaken} AS fresh (ordinal, since, {key})
    SELECT looked.ordinal, looked.since, {looked_key} FROM looked WHERE NOT looked.is_changing
    RETURNING fresh.ordinal
), changing AS (
    INSERT INTO {changed} (root)
    SELECT found.root FROM (
        SELECT looked.{root} AS root FROM looked WHERE looked.is_changing
        UNION
        SELECT staged.{root}
        FROM {staged} AS staged
        WHERE staged.kind = 'r' AND NOT EXISTS (SELECT FROM {repeated} AS repeated WHERE {repeated_is_staged}) AND (
            staged.valid_to <= coalesce(staged.valid_from, %(instant)s)
            OR EXISTS (
                SELECT FROM {table} AS version
                WHERE {version_is_staged}
                    AND version.system_to IS NULL
                    AND (
                        version.valid_to IS NULL
                        OR version.valid_to > coalesce(staged.valid_from, %(instant)s)
                    )
                    AND CASE
                        WHEN staged.valid_to IS NOT NULL THEN version.valid_from < staged.valid_to
                        WHEN version.valid_from >= %(limit)s::timestamptz THEN false
                        WHEN staged.future = 'keep' THEN
                            version.valid_from <= greatest(
                                coalesce(staged.valid_from, %(instant)s), %(horizon)s::timestamptz
                            )
                        ELSE true
                    END
            )
        )
    ) AS found
    WHERE NOT EXISTS (SELECT FROM {changed} AS known WHERE known.root = found.root)
)
SELECT EXISTS (SELECT FROM stopped)
