-- affected
-- Things that a load affects, by name: a row for each, numbered by kind of effect, with what its
-- container was just before the call.
-- found is a query of (what, kind, root, start, ordinal), a row a thing; kind tells the contents of
-- a container apart and is NULL for the container itself; ordinal is NULL where no row says it.
-- parameters: instant (of the call, or now before it), most (of a kind of effect; NULL is all), and
--             those of found
-- rows: (what, number, how many of it, kind, root, identity columns, tracked columns, start, ordinal)
SELECT numbered.what, numbered.number, numbered.total, numbered.kind, numbered.root, {identity} {tracked},
    numbered.start, numbered.ordinal
FROM (
    SELECT found.*, {anchor_identity}
        count(*) OVER (PARTITION BY found.what) AS total,
        row_number() OVER (
            PARTITION BY found.what ORDER BY {anchor_identity} found.root, found.kind
        ) AS number
    FROM ({found}) AS found
    JOIN {anchors} AS anchor ON anchor.{anchor_key} = found.root
) AS numbered
LEFT JOIN LATERAL (
    SELECT {own_columns}
    FROM {own} AS version
    WHERE version.{own_root} = numbered.root
        AND version.system_from < %(instant)s
        AND (version.system_to IS NULL OR version.system_to >= %(instant)s)
        AND version.valid_from <= numbered.start
        AND (
            version.valid_to IS NULL
            OR version.valid_to > numbered.start
            OR version.closed_at >= %(instant)s
        )
    ORDER BY version.valid_from DESC
    LIMIT 1
) AS own ON true
WHERE %(most)s::bigint IS NULL OR numbered.number <= %(most)s
ORDER BY numbered.what, numbered.number
