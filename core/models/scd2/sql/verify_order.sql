-- Versions whose instants stand in an order that no history leads to.
-- rows: (key as json, id)
SELECT {json_key}, one.id
FROM {table} AS one
WHERE one.closed_at <= one.system_from
    OR one.closed_at >= one.system_to
    OR (one.closed_at IS NOT NULL AND one.valid_to IS NULL)
    OR one.is_current IS DISTINCT FROM (one.system_to IS NULL AND one.valid_to IS NULL)
