-- The details of an entity as JSON, by code: arrays of (id, code, value, (data_type, marked)).
SELECT coalesce(json_agg(json_build_array(
    detail.id, detail.detail_code, detail.value, kinds.details -> detail.detail_code
) ORDER BY detail.detail_code), '[]')::text AS details
FROM entities_entitydetail AS detail
WHERE detail.entity_uuid = version.uuid
    AND {detail_holds}
