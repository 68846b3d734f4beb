-- Things on which at least one staged Change of this model is not without effect. An assertion is
-- without effect where a version holds that says all of it: one anti-join. Several Changes of a key
-- are looked at together, so they are never without effect here.
-- parameters: instant (stands for a start that is not given)
INSERT INTO {changed} (root)
SELECT found.root FROM (
    SELECT staged.{root} AS root
    FROM {staged} AS staged
    WHERE staged.kind <> 'r' AND NOT EXISTS (
        SELECT FROM {table} AS version
        WHERE {version_is_staged}
            AND {same}
            AND version.system_to IS NULL
            AND version.valid_from <= coalesce(staged.valid_from, %(instant)s)
            AND (
                version.valid_to IS NULL
                OR version.valid_to > coalesce(staged.valid_from, %(instant)s)
            )
            AND CASE
                WHEN staged.valid_to IS NULL THEN
                    version.valid_to IS NULL OR staged.future = 'keep'
                ELSE
                    staged.valid_to > coalesce(staged.valid_from, %(instant)s)
                    AND (version.valid_to IS NULL OR version.valid_to >= staged.valid_to)
            END
    )
    UNION
    SELECT staged.{root}
    FROM {staged} AS staged
    WHERE staged.kind = 'r' AND (
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
                    WHEN staged.future = 'keep' THEN
                        version.valid_from <= coalesce(staged.valid_from, %(instant)s)
                    ELSE true
                END
        )
    )
    UNION
    SELECT repeated.{root} FROM {repeated} AS repeated
) AS found
WHERE NOT EXISTS (SELECT FROM {changed} AS known WHERE known.root = found.root)
