-- Keys that no fast path can serve. The fast paths: a key with no live row at all that is asserted
-- whole; one open-ended assertion later than the start of the open version; and one from its very
-- start on, whole or a retraction.
-- parameters: instant
INSERT INTO {general} ({key})
SELECT DISTINCT {staged_key}
FROM {staged} AS staged
JOIN {changed} AS changed ON changed.root = staged.{root}
LEFT JOIN {table} AS version ON {version_is_staged} AND version.is_current
{container}
WHERE EXISTS (SELECT FROM {repeated} AS repeated WHERE {repeated_is_staged})
    OR staged.valid_to <= coalesce(staged.valid_from, %(instant)s)
    OR NOT CASE
        WHEN version.id IS NULL THEN
            staged.kind = 'w'
            AND (
                changed.fresh
                OR NOT EXISTS (
                    SELECT FROM {table} AS other
                    WHERE {other_is_staged} AND other.system_to IS NULL
                )
            )
        ELSE
            staged.valid_to IS NULL
            AND CASE
                WHEN coalesce(staged.valid_from, %(instant)s) = version.valid_from THEN
                    staged.kind <> 'p'
                ELSE
                    staged.kind <> 'r'
                    AND coalesce(staged.valid_from, %(instant)s) > version.valid_from
            END
    END
    OR {uncertain}
