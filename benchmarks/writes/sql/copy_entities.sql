-- Final rows.
COPY entities_entity (uuid, entity_type, display_name, valid_from, system_from, actor) FROM STDIN
