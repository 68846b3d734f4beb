-- Where the values of a file wait, by key.
CREATE TEMPORARY TABLE staged_entity (uuid uuid, entity_type text, display_name text);
CREATE TEMPORARY TABLE staged_detail (entity_uuid uuid, detail_code text, value text)
