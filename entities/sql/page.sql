-- A page of entities as they are at an instant. Which ones is found in an index that holds the
-- periods; only those of the page are then looked up.
-- parameters: as_of, known_at (NULL is now), limit, after and after_uuid (the last of the page
--             before, NULL on the first), hidden_names, and those of the filters
-- rows: (id, uuid, entity_type, display_name, source, source_id, valid_from, valid_to, closed_at,
--        system_from, hash_diff); NULL is a name or a hash that is hidden
WITH page AS MATERIALIZED (
    SELECT version.id FROM entities_entity AS version
    WHERE version.valid_from <= %(as_of)s
        AND (
            version.valid_to IS NULL OR version.valid_to > %(as_of)s
            OR version.closed_at > %(known_at)s
        )
        AND (%(known_at)s::timestamptz IS NULL OR version.system_from <= %(known_at)s)
        AND (version.system_to IS NULL OR version.system_to > %(known_at)s)
        {filters}
        AND (
            %(after_uuid)s::uuid IS NULL
            OR ({column}, version.uuid) {beyond} (%(after)s::{type}, %(after_uuid)s::uuid)
        )
    ORDER BY {column} {direction}, version.uuid {direction}
    LIMIT %(limit)s
)
SELECT
    version.id, version.uuid, version.entity_type,
    CASE WHEN version.entity_type = ANY(%(hidden_names)s::text[]) THEN NULL
        ELSE version.display_name END AS shown_name,
    anchor.source, anchor.source_id,
    version.valid_from, version.valid_to, version.closed_at, version.system_from,
    CASE WHEN version.entity_type = ANY(%(hidden_names)s::text[]) THEN NULL
        ELSE encode(version.hash_diff, 'hex') END AS hash_diff
FROM page
JOIN entities_entity AS version ON version.id = page.id
JOIN entities_entityanchor AS anchor ON anchor.uuid = version.uuid
ORDER BY {column} {direction}, version.uuid {direction}
