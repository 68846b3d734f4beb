-- Lock an entity, and look at the clock once that is done.
-- parameters: uuid; rows: (instant)
WITH locked AS MATERIALIZED (
    SELECT anchor.uuid FROM entities_entityanchor AS anchor WHERE anchor.uuid = %(uuid)s
    FOR NO KEY UPDATE
)
SELECT clock_timestamp() AS instant FROM locked
