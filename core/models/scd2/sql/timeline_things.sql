-- Everything that is staged of the things of some ordinals, and of those that are spared.
-- parameters: ordinals; rows: (ordinal)
SELECT staged.ordinal
FROM {staged} AS staged
WHERE staged.{root} IN (
    SELECT named.{root} FROM {staged} AS named WHERE named.ordinal = ANY(%(ordinals)s::bigint[])
    UNION ALL
    SELECT spared.root FROM {spared} AS spared
)
