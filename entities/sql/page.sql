-- A page of entities as they are at an instant. Which ones is found in an index that holds the
-- periods; only those of the page are then looked up.
-- parameters: limit, as_of and known_at where they are asked for, after and after_uuid (the last of
--             the page before, NULL on the first; of names after_key too), and those of the filters
-- rows: one an entity, one without any: (now, id, uuid, entity_type, display_name, source,
--       source_id, valid_from, valid_to, closed_at, system_from, hash_diff, name_marked, details)
WITH {kinds}, found AS MATERIALIZED (
    SELECT version.id FROM entities_entity AS version
    WHERE version.valid_from <= {as_of}
        AND (
            version.valid_to IS NULL OR version.valid_to > {as_of}
            OR version.closed_at > %(known_at)s
        )
        AND (%(known_at)s::timestamptz IS NULL OR version.system_from <= %(known_at)s)
        AND (version.system_to IS NULL OR version.system_to > %(known_at)s)
        {filters}
        AND (
            %(after_uuid)s::uuid IS NULL
            OR ({columns}) {beyond} ({after})
        )
    ORDER BY {order}
    LIMIT %(limit)s
), page AS (
    SELECT found.id, row_number() OVER () AS place FROM found
)
SELECT
    now.instant AS now,
    version.id, version.uuid, version.entity_type, version.display_name,
    anchor.source, anchor.source_id,
    version.valid_from, version.valid_to, version.closed_at, version.system_from,
    encode(version.hash_diff, 'hex') AS hash_diff,
    (kinds.names -> version.entity_type)::boolean AS name_marked,
    ({details}) AS details
FROM now
CROSS JOIN kinds
LEFT JOIN (
    page
    JOIN entities_entity AS version ON version.id = page.id
    JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
) ON true
ORDER BY page.place
