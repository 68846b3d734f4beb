-- What the call of an instant did to some things, by key.
-- parameters: roots, instant
-- rows: (key columns, versions opened, closed, superseded)
SELECT
    {key},
    count(*) FILTER (WHERE version.system_from = %(instant)s) AS opened,
    count(*) FILTER (WHERE version.closed_at = %(instant)s) AS closed,
    count(*) FILTER (WHERE version.system_to = %(instant)s) AS superseded
FROM {table} AS version
WHERE {root} = ANY(%(roots)s::{type}[])
    AND (
        version.system_from = %(instant)s
        OR version.closed_at = %(instant)s
        OR version.system_to = %(instant)s
    )
GROUP BY {key}
