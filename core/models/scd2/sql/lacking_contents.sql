-- lacking_contents
-- For each kind of contents that some assertion of a container leaves out: how many things of a
-- scope have it at an instant, and how many of them lose it there for want of being said.
-- parameters: at, instant (stands for a start that is not given) and those of the scope
-- rows: (kind, lacking, valid)
WITH lost AS MATERIALIZED (
    SELECT DISTINCT {staged_key}, {kind_of_staged} AS kind
    FROM {staged} AS staged
    WHERE staged.implied
        AND coalesce(staged.valid_from, %(instant)s) <= %(at)s
        AND (staged.valid_to IS NULL OR staged.valid_to > %(at)s)
        AND NOT EXISTS (
            SELECT FROM {staged} AS other
            WHERE {other_is_staged}
                AND other.kind <> 'r'
                AND coalesce(other.valid_from, %(instant)s) <= %(at)s
                AND (other.valid_to IS NULL OR other.valid_to > %(at)s)
                AND (
                    coalesce(other.valid_from, %(instant)s) >= coalesce(staged.valid_from, %(instant)s)
                    OR (other.valid_to IS NOT NULL AND staged.valid_to IS NULL)
                )
        )
)
SELECT {kind}, count(lost.kind), count(*)
FROM {table} AS version
JOIN {anchors} AS anchor ON anchor.{anchor_key} = version.{root}
LEFT JOIN lost ON {version_is_lost}
WHERE {in_scope}
    AND version.system_to IS NULL
    AND version.valid_from <= %(at)s
    AND (version.valid_to IS NULL OR version.valid_to > %(at)s)
    AND {kind} IN (SELECT lost.kind FROM lost)
GROUP BY {kind}
ORDER BY {kind}
