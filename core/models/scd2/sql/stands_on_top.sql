-- A condition: a later entry stands on top of one of the batch. It is about the same key; or about
-- something contained in what would cease to exist; or about the existence of what contains it.
later.uuid = entry.uuid
AND later.instant > entry.instant
AND tstzrange(later.valid_from, later.valid_to)
    && (tstzrange(entry.valid_from, entry.valid_to) * tstzrange(NULL, %(limit)s::timestamptz))
AND (
    (later.model = entry.model AND later.natural_key = entry.natural_key)
    OR (entry.before IS NULL AND later.model = ANY(%(contents)s) AND later.after IS NOT NULL)
    OR (
        entry.before IS NOT NULL
        AND later.model = %(container)s
        AND (later.before IS NULL OR later.after IS NULL)
    )
)
