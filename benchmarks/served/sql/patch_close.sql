-- Close the open version of an entity.
-- parameters: uuid, instant; rows: (display_name, entity_type)
UPDATE entities_entity AS version
SET valid_to = %(instant)s, closed_at = %(instant)s, updated_at = %(instant)s
WHERE version.uuid = %(uuid)s AND version.system_to IS NULL AND version.valid_to IS NULL
RETURNING version.display_name, version.entity_type
