-- Missing anchors of the things that a load asserts whole, in key order.
INSERT INTO {anchors} ({columns})
SELECT DISTINCT ON (staged.{root}) {values}
FROM {staged} AS staged
JOIN {changed} AS changed ON changed.root = staged.{root}
WHERE staged.kind = 'w'
ORDER BY staged.{root}, staged.ordinal
ON CONFLICT DO NOTHING
