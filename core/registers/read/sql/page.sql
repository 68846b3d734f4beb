-- A page of things as they are at an instant. Which ones is found in an index that holds the periods;
-- only those of the page are then looked up.
-- parameters: limit, as_of and known_at where they are asked for, after and after_root (the last of
--             the page before, NULL on the first; of texts after_key too), and those of the filters
-- rows: one a thing, one without any: (now, id, the columns of the register, valid_from, valid_to,
--       closed_at, system_from, hash_diff, marked, details, contents)
WITH {kinds}, found AS MATERIALIZED (
    SELECT version.id FROM {table} AS version
    WHERE {version_holds}
        {filters}
        AND (
            %(after_root)s::{root_type} IS NULL
            OR ({order_columns}) {beyond} ({after})
        )
    ORDER BY {order}
    LIMIT %(limit)s
), page AS (
    SELECT found.id, row_number() OVER () AS place FROM found
)
SELECT
    now.instant AS now,
    version.id, {columns},
    version.valid_from, version.valid_to, version.closed_at, version.system_from,
    encode(version.hash_diff, 'hex') AS hash_diff,
    {marked} AS marked,
    ({details}) AS details,
    ({contents}) AS contents
FROM now
CROSS JOIN kinds
LEFT JOIN (
    page
    JOIN {table} AS version ON version.id = page.id
    JOIN {anchors} AS anchor ON anchor.{anchor_key} = {root}
) ON true
ORDER BY page.place
