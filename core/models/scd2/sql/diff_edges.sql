(
    -- Where a version begins or ends within the window.
    -- parameters: start, end, known_to, after, only, limit
    SELECT DISTINCT {root} AS root FROM {table} AS version
    WHERE (
            version.valid_from BETWEEN %(start)s AND %(end)s
            OR version.valid_to BETWEEN %(start)s AND %(end)s
            AND (version.closed_at IS NULL OR version.closed_at <= %(known_to)s)
        )
        AND version.system_from <= %(known_to)s
        AND (version.system_to IS NULL OR version.system_to > %(known_to)s)
        AND (%(after)s::{type} IS NULL OR {root} {beyond} %(after)s::{type})
        AND (%(only)s::{type} IS NULL OR {root} = %(only)s::{type})
        {within}
        {anchored}
    ORDER BY {root} {order} LIMIT %(limit)s
)
