-- The versions of some things that hold just before a window or in it, under either belief, and
-- those that were still believed about an instant of the window when it had come.
-- parameters: roots, start, end, known_from, known_to, earlier, later, unchanged
-- rows: (key columns, before: holds just before the window as known at known_from,
--        within: believed at known_to,
--        late: believed no more at known_to about instants at which it was believed once they had come,
--        valid_from, valid_to and closed_at as known at known_to, system_from, system_to, tracked columns)
SELECT * FROM (
    SELECT
        {key},
        version.valid_from < %(start)s
            AND version.system_from <= %(known_from)s
            AND (version.system_to IS NULL OR version.system_to > %(known_from)s)
            AND (
                version.valid_to IS NULL OR version.valid_to >= %(start)s
                OR version.closed_at > %(known_from)s
            ) IS TRUE AS before,
        version.system_from <= %(known_to)s
            AND (version.system_to IS NULL OR version.system_to > %(known_to)s)
            AND (
                version.valid_to IS NULL OR version.valid_to >= %(start)s
                OR version.closed_at > %(known_to)s
            ) IS TRUE AS within,
        version.system_from <= %(known_to)s
            AND (
                version.system_to <= %(known_to)s
                AND version.system_to > greatest(version.valid_from, %(start)s)
                OR version.closed_at <= %(known_to)s
                AND version.closed_at > greatest(version.valid_to, %(start)s)
            ) IS TRUE AS late,
        version.valid_from,
        CASE WHEN version.closed_at > %(known_to)s THEN NULL ELSE version.valid_to END AS valid_to,
        CASE WHEN version.closed_at <= %(known_to)s THEN version.closed_at END AS closed_at,
        version.system_from,
        version.system_to,
        {tracked}
    FROM {table} AS version
    WHERE {root} = ANY(%(roots)s::{type}[])
        AND version.valid_from <= greatest(%(start)s, %(end)s)
        AND (
            %(unchanged)s
            OR version.valid_from >= %(start)s
            OR version.valid_to <= greatest(%(start)s, %(end)s)
            OR version.system_from > %(earlier)s
            OR version.system_to <= %(later)s
        )
) AS version
WHERE before OR within OR late
ORDER BY {key}, valid_from
