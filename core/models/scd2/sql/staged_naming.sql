-- The staged assertions that name one of some values in a column.
-- parameters: values; rows: (ordinal, value, key columns)
SELECT staged.ordinal, staged.{column}, {staged_key}
FROM {staged} AS staged
JOIN {changed} AS changed ON changed.root = staged.{root}
WHERE staged.kind <> 'r' AND staged.{column} = ANY(%(values)s) AND {is_set}
ORDER BY staged.ordinal
