-- Which hidden details of a thing a history would show.
-- parameters: key, known_at (NULL is now), superseded, hidden_details; rows: (detail_code)
SELECT DISTINCT detail_code FROM {table} AS detail
WHERE {thing} = %(key)s
    AND detail.detail_code = ANY(%(hidden_details)s::text[])
    AND (%(known_at)s::timestamptz IS NULL OR detail.system_from <= %(known_at)s)
    AND (%(superseded)s OR detail.system_to IS NULL OR detail.system_to > %(known_at)s)
ORDER BY detail_code
