-- Final rows.
COPY entities_entitydetail (entity_uuid, detail_code, value, valid_from, system_from, actor)
FROM STDIN
