-- Things on which at least one staged Change of this model is not without effect.
-- parameters: instant (stands for a start that is not given)
INSERT INTO {changed} (root)
SELECT DISTINCT staged.{root}
FROM {staged} AS staged
LEFT JOIN {table} AS version
    ON {version_is_staged}
    AND version.system_to IS NULL
    AND version.valid_from <= coalesce(staged.valid_from, %(instant)s)
    AND (version.valid_to IS NULL OR version.valid_to > coalesce(staged.valid_from, %(instant)s))
WHERE NOT EXISTS (SELECT FROM {changed} AS known WHERE known.root = staged.{root})
    AND (
        EXISTS (SELECT FROM {repeated} AS repeated WHERE {repeated_is_staged})
        OR staged.valid_to <= coalesce(staged.valid_from, %(instant)s)
        OR NOT CASE
            WHEN staged.kind = 'r' THEN
                version.id IS NULL
                AND (
                    (staged.valid_to IS NULL AND staged.future = 'keep')
                    OR NOT EXISTS (
                        SELECT FROM {table} AS later
                        WHERE {later_is_staged}
                            AND later.system_to IS NULL
                            AND later.valid_from > coalesce(staged.valid_from, %(instant)s)
                            AND (staged.valid_to IS NULL OR later.valid_from < staged.valid_to)
                    )
                )
            ELSE
                version.id IS NOT NULL
                AND {same}
                AND (
                    version.valid_to IS NULL
                    OR coalesce(version.valid_to >= staged.valid_to, false)
                    OR (staged.valid_to IS NULL AND staged.future = 'keep')
                )
        END
    )
