-- Pairs of versions of one key that held at the same instant as known at some instant. A range
-- only ever shrinks while it is believed, so the first instant at which both were believed tells.
-- rows: (key as json, id, id)
SELECT {json_key}, one.id, other.id
FROM {table} AS one
JOIN {table} AS other ON {other_is_one} AND one.id < other.id
WHERE one.system_from < coalesce(other.system_to, 'infinity')
    AND other.system_from < coalesce(one.system_to, 'infinity')
    AND tstzrange(
        one.valid_from,
        CASE WHEN one.closed_at > greatest(one.system_from, other.system_from) THEN NULL ELSE one.valid_to END
    ) && tstzrange(
        other.valid_from,
        CASE WHEN other.closed_at > greatest(one.system_from, other.system_from) THEN NULL ELSE other.valid_to END
    )
