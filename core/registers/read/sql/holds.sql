-- A version of {row} holds at an instant, as it was known at another.
-- parameters: known_at (NULL is now)
{row}.valid_from <= {as_of}
AND ({row}.valid_to IS NULL OR {row}.valid_to > {as_of} OR {row}.closed_at > %(known_at)s)
AND (%(known_at)s::timestamptz IS NULL OR {row}.system_from <= %(known_at)s)
AND ({row}.system_to IS NULL OR {row}.system_to > %(known_at)s)
