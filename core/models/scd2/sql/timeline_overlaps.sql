-- Staged Changes that begin while an earlier one of the same thing, which has an end, still holds.
-- rows: (ordinal)
SELECT said.ordinal
FROM (
    SELECT staged.ordinal, staged.valid_from,
        max(staged.valid_to) OVER (
            PARTITION BY staged.{root} ORDER BY staged.valid_from
            GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS until
    FROM {staged} AS staged
) AS said
WHERE said.until > said.valid_from
