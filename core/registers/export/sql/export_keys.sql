-- The names of all contained things that are valid at an instant, those that are hidden left out.
-- parameters: as_of, known_at (NULL is now), source (NULL is any), hidden_details; rows: (key)
SELECT DISTINCT {inner}::text AS key
FROM {table} AS contained
JOIN {anchors} AS anchor ON anchor.{anchor_key} = {thing}
WHERE {contained_holds}
    {of_source}
    AND NOT {inner}::text = ANY(%(hidden_details)s::text[])
ORDER BY key
