-- An entity at an instant, with its details.
-- parameters: uuid, and as_of and known_at where they are asked for
-- rows: one or none: (id, uuid, entity_type, display_name, source, source_id, valid_from, valid_to,
--       closed_at, system_from, hash_diff, name_marked, details as in held_details)
WITH {kinds}
SELECT
    version.id, version.uuid, version.entity_type, version.display_name,
    anchor.source, anchor.source_id,
    version.valid_from, version.valid_to, version.closed_at, version.system_from,
    encode(version.hash_diff, 'hex') AS hash_diff,
    (kinds.names -> version.entity_type)::boolean AS name_marked,
    ({held_details}) AS details
FROM (
    SELECT * FROM entities_entity AS version WHERE version.uuid = %(uuid)s AND {version_holds}
    LIMIT 1
) AS version
JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
CROSS JOIN kinds
