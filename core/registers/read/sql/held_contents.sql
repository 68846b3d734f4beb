-- What one model contains of a thing as JSON: arrays of (id, key, columns) by key.
(SELECT coalesce(json_agg(json_build_array(
    contained.id, {inner}, {columns}
) ORDER BY {inner}), '[]')
FROM {table} AS contained
WHERE {thing} = {root}
    AND {contained_holds})
