-- Of the assertions without effect, leave those that do not hold at the instant. What belongs to
-- things on which something changes is looked at by the general plan.
-- parameters: instant
DELETE FROM {overtaken} AS found
USING {staged} AS staged
WHERE found.ordinal = staged.ordinal
    AND {found_is_staged}
    AND (
        EXISTS (SELECT FROM {changed} AS changed WHERE changed.root = staged.{root})
        OR EXISTS (
            SELECT FROM {table} AS version
            WHERE {version_is_staged}
                AND {same}
                AND version.system_to IS NULL
                AND version.valid_from <= %(instant)s
                AND (version.valid_to IS NULL OR version.valid_to > %(instant)s)
        )
    )
