-- Missing anchors of the things that a load asserts whole, in key order. A thing whose anchor is
-- made here is fresh: it has no version yet.
WITH made AS (
    INSERT INTO {anchors} AS anchor ({columns})
    SELECT DISTINCT ON (staged.{root}) {values}
    FROM {staged} AS staged
    JOIN {changed} AS changed ON changed.root = staged.{root}
    WHERE staged.kind = 'w'
    ORDER BY staged.{root}, staged.ordinal
    ON CONFLICT DO NOTHING
    RETURNING anchor.{anchor_key} AS root
)
UPDATE {changed} AS known SET fresh = true FROM made WHERE known.root = made.root
