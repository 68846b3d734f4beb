-- The typed details of a thing as JSON, by code: arrays of (id, code, value, (data_type, marked)).
SELECT coalesce(json_agg(json_build_array(
    detail.id, detail.detail_code, detail.value, kinds.details -> detail.detail_code
) ORDER BY detail.detail_code), '[]')::text AS details
FROM {table} AS detail
WHERE {thing} = {root}
    AND {detail_holds}
