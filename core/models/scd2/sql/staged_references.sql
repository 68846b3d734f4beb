-- What the staged assertions name in a column.
-- rows: (value)
SELECT DISTINCT staged.{column}
FROM {staged} AS staged
JOIN {changed} AS changed ON changed.root = staged.{root}
WHERE staged.kind <> 'r' AND staged.{column} IS NOT NULL AND {is_set}
