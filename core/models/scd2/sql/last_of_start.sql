-- Of the staged Changes of one key with one start, leave the last.
DELETE FROM {staged} AS staged
USING (
    SELECT other.ctid AS place, other.ordinal,
        max(other.ordinal) OVER (PARTITION BY {other_key}, other.valid_from) AS last
    FROM {staged} AS other
) AS other
WHERE staged.ctid = other.place AND other.ordinal < other.last
