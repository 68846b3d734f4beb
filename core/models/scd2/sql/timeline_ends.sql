-- What has no end reaches to the next start of its thing; the last of all has none.
UPDATE {staged} AS staged
SET valid_to = said.until,
    future = CASE WHEN said.until IS NULL THEN 'overwrite' ELSE 'keep' END
FROM (
    SELECT starts.{root} AS root, starts.valid_from,
        lead(starts.valid_from) OVER (PARTITION BY starts.{root} ORDER BY starts.valid_from) AS until
    FROM (SELECT DISTINCT staged.{root}, staged.valid_from FROM {staged} AS staged) AS starts
) AS said
WHERE said.root = staged.{root} AND said.valid_from = staged.valid_from AND staged.valid_to IS NULL
