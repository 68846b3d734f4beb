-- A later change stands in the way of a partial assertion only from where one of its columns
-- changes, which need not be where the version ends.
-- parameters: instant, horizon, limit
UPDATE {overtaken} AS found
SET since = least(
    (
        SELECT min(version.valid_to)
        FROM {table} AS version
        WHERE {version_is_staged}
            AND {same}
            AND version.system_to IS NULL
            AND version.valid_to > greatest(
                coalesce(staged.valid_from, %(instant)s), %(horizon)s::timestamptz
            )
            AND NOT EXISTS (
                SELECT FROM {table} AS later
                WHERE {later_is_staged}
                    AND {same_later}
                    AND later.system_to IS NULL
                    AND later.valid_from = version.valid_to
            )
    ),
    %(limit)s::timestamptz
)
FROM {staged} AS staged
WHERE found.ordinal = staged.ordinal AND {found_is_staged} AND staged.kind = 'p'
