-- Ordinals of one thing and start, but for the last.
-- rows: (ordinal)
SELECT other.ordinal
FROM (
    SELECT staged.ordinal,
        max(staged.ordinal) OVER (PARTITION BY staged.{root}, staged.valid_from) AS last
    FROM {staged} AS staged
) AS other
WHERE other.ordinal < other.last
