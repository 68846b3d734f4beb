-- A page of the things that a window touches, and what changed of each field of theirs.
-- parameters: start, end, known_to, limit, and those of touched and held
-- rows: (existed: just before the window as known at known_from,
--        exists: at its end as known at known_to,
--        named: the container's own fields at the end, or as they were before,
--        fields: what changed, as JSON by field, NULL where nothing did,
--        root, and what else is asked for of the anchor)
WITH touched AS MATERIALIZED (
    SELECT root FROM ({touched}) AS touched ORDER BY root {order} LIMIT %(limit)s
), held AS MATERIALIZED (
    {held}
), version AS MATERIALIZED (
    -- Beside each version what it follows, and what follows it.
    SELECT
        root, field, value, valid_from, valid_to,
        lag(valid_to) OVER timeline AS last_end,
        lag(value) OVER timeline AS last_value,
        lead(valid_from) OVER timeline AS next_start
    FROM held WHERE within
    WINDOW timeline AS (PARTITION BY root, field ORDER BY valid_from)
), step AS (
    -- One where a version begins, from what touches it or from nothing; one to nothing where it
    -- ends and none begins.
    SELECT * FROM (
        SELECT
            root, field, valid_from AS at,
            CASE WHEN last_end = valid_from THEN last_value END AS before, value AS after
        FROM version
        UNION ALL
        SELECT root, field, valid_to, value, NULL FROM version
        WHERE next_start IS DISTINCT FROM valid_to
    ) AS edge
    WHERE at BETWEEN %(start)s AND %(end)s AND before IS DISTINCT FROM after
), told AS (
    -- A step corrects if something else was believed about its instant once that had come.
    SELECT step.root, step.field, step.at, step.before, step.after, bool_or(late.late) AS corrects
    FROM step
    LEFT JOIN held AS late
        ON late.late AND late.root = step.root AND late.field = step.field
        AND late.value IS DISTINCT FROM step.after AND late.value IS NOT NULL
        AND late.valid_from <= step.at
        AND greatest(late.system_from, step.at) <= %(known_to)s
        AND greatest(late.system_from, step.at) < least(
            late.system_to,
            CASE
                WHEN late.valid_to <= step.at THEN coalesce(late.closed_at, late.system_from)
                ELSE 'infinity'
            END
        )
    GROUP BY step.root, step.field, step.at, step.before, step.after
), transitions AS (
    SELECT
        root, field,
        string_agg(
            '{{"at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
            || CASE WHEN at = date_trunc('second', at) THEN '' ELSE to_char(at, '.US') END
            || 'Z","before":' || coalesce(before, 'null') || ',"after":' || coalesce(after, 'null')
            || ',"correction":' || CASE WHEN corrects THEN 'true' ELSE 'false' END || '}}',
            ',' ORDER BY at
        ) AS steps
    FROM told GROUP BY root, field
), net AS (
    SELECT
        root, field, min(rank) AS rank,
        bool_or(before) AS existed, max(value) FILTER (WHERE before) AS before,
        bool_or(after) AS exists, max(value) FILTER (WHERE after) AS after
    FROM held GROUP BY root, field
), thing AS (
    SELECT
        net.root,
        bool_or(net.existed) FILTER (WHERE net.rank = 0) AS existed,
        bool_or(net.exists) FILTER (WHERE net.rank = 0) AS exists,
        '[' || string_agg(
            coalesce(CASE WHEN net.exists THEN net.after ELSE net.before END, 'null'),
            ',' ORDER BY net.rank
        ) FILTER (WHERE net.rank < {own}) || ']' AS named,
        '{{' || string_agg(
            to_json(net.field)::text || ':{{"before":' || coalesce(net.before, 'null')
            || ',"after":' || coalesce(net.after, 'null')
            || ',"transitions":[' || coalesce(transitions.steps, '') || ']}}',
            ',' ORDER BY net.rank, net.field COLLATE "C"
        ) FILTER (WHERE net.before IS DISTINCT FROM net.after) || '}}' AS fields
    FROM net
    LEFT JOIN transitions
        ON transitions.root = net.root AND transitions.field = net.field
    GROUP BY net.root
)
SELECT thing.existed, thing.exists, thing.named, thing.fields, {identity}
FROM touched
JOIN {anchors} AS anchor ON {anchor} = touched.root
LEFT JOIN thing ON thing.root = touched.root
ORDER BY touched.root {order}
