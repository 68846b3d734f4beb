-- The versions of one thing in one model, newest first. The thing is asked for as one of several and
-- ordered by, so that nothing but the index of its own versions can bring the order: one by start
-- alone would pass over those of all others.
-- parameters: root, known_at (NULL is now), superseded, limit, left_out (names within the thing),
--             and the position of the last version of the page before: after_valid,
--             after_system, after_rank, after_id
-- rows: (id, key columns, valid_from, valid_to, system_from, closed_at, system_to, is_current,
--        hash_diff, actor, reason, created_at, updated_at, tracked columns)
SELECT
    version.id, {key}, version.valid_from, version.valid_to, version.system_from,
    version.closed_at, version.system_to, version.is_current,
    encode(version.hash_diff, 'hex') AS hash_diff, version.actor, version.reason,
    version.created_at, version.updated_at, {tracked}
FROM {table} AS version
WHERE {root} = ANY(ARRAY[%(root)s::{type}])
    AND (%(known_at)s::timestamptz IS NULL OR version.system_from <= %(known_at)s::timestamptz)
    AND (
        %(superseded)s OR version.system_to IS NULL
        OR version.system_to > %(known_at)s::timestamptz
    )
    AND {inner}::text <> ALL(%(left_out)s::text[])
    AND (
        %(after_valid)s::timestamptz IS NULL
        OR (version.valid_from, version.system_from, {rank}, version.id)
            < (
                %(after_valid)s::timestamptz, %(after_system)s::timestamptz,
                %(after_rank)s::int, %(after_id)s::bigint
            )
    )
ORDER BY {root} DESC, version.valid_from DESC, version.system_from DESC, version.id DESC
LIMIT %(limit)s
