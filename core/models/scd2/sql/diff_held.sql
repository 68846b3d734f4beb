-- What the fields of one model held around a window, under either belief.
-- parameters: start, end, last, known_from, known_to, earlier, later, and those of the fields
-- rows: (root, rank, field, value: as JSON text,
--        before: just before the window as known at known_from,
--        within: in the window or just before it as known at known_to, after: at its end,
--        late: believed no more at known_to about instants at which it was believed once they had come,
--        valid_from, valid_to and closed_at as known at known_to, system_from, system_to)
SELECT
    version.root, field.rank, field.name AS field, field.value,
    version.before, version.within,
    version.within AND version.valid_from <= %(end)s
        AND (version.valid_to IS NULL OR version.valid_to > %(end)s) AS after,
    version.late, version.valid_from, version.valid_to, version.closed_at,
    version.system_from, version.system_to
FROM (
    SELECT
        touched.root,
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
        {columns}
    FROM touched
    JOIN {table} AS version ON {root} = touched.root
    WHERE version.valid_from <= %(last)s
        {changing}
) AS version
{lookup}
CROSS JOIN LATERAL (VALUES {fields}) AS field (rank, name, value)
WHERE version.before OR version.within OR version.late
