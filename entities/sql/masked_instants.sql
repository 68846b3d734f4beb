-- The system instants of the calls that wrote a name or a detail of an entity that is hidden.
-- parameters: uuid, hidden_names, hidden_details; rows: (instant)
SELECT DISTINCT moment.instant
FROM (
    SELECT system_from, closed_at, system_to FROM entities_entity
    WHERE uuid = %(uuid)s AND entity_type = ANY(%(hidden_names)s::text[])
    UNION ALL
    SELECT system_from, closed_at, system_to FROM entities_entitydetail
    WHERE entity_uuid = %(uuid)s AND detail_code = ANY(%(hidden_details)s::text[])
) AS version
CROSS JOIN LATERAL (
    VALUES (version.system_from), (version.closed_at), (version.system_to)
) AS moment (instant)
WHERE moment.instant IS NOT NULL
