-- Touching versions of one key that carried the same payload as known at some instant.
-- rows: (key as json, id, id)
SELECT {json_key}, one.id, other.id
FROM {table} AS one
JOIN {table} AS other ON {other_is_one} AND one.valid_to = other.valid_from
WHERE one.hash_diff = other.hash_diff
    AND greatest(one.system_from, other.system_from, one.closed_at)
        < least(coalesce(one.system_to, 'infinity'), coalesce(other.system_to, 'infinity'))
