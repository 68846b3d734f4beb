-- A thing at an instant, with what it contains.
-- parameters: key, and as_of and known_at where they are asked for
-- rows: one or none: (id, the columns of the register, valid_from, valid_to, closed_at, system_from,
--       hash_diff, marked, details, contents)
WITH {kinds}
SELECT
    version.id, {columns},
    version.valid_from, version.valid_to, version.closed_at, version.system_from,
    encode(version.hash_diff, 'hex') AS hash_diff,
    {marked} AS marked,
    ({details}) AS details,
    ({contents}) AS contents
FROM (
    SELECT * FROM {table} AS version WHERE {root} = %(key)s AND {version_holds}
    LIMIT 1
) AS version
JOIN {anchors} AS anchor ON anchor.{anchor_key} = {root}
CROSS JOIN kinds
