-- What is staged with an identity for a thing whose anchor carries another one.
-- rows: (ordinal, root)
SELECT staged.ordinal, staged.{root}
FROM {staged} AS staged
JOIN {anchors} AS anchor ON anchor.{key} = staged.{root}
WHERE ROW({staged_identity}) IS DISTINCT FROM ROW({anchor_identity})
    AND coalesce({staged_identity}) IS NOT NULL
    AND {among}
ORDER BY staged.ordinal
