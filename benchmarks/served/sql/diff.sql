-- Every step of a name or of a detail between two instants, with the value before.
-- parameters: from, to; rows: (uuid, field, at, before, after)
SELECT * FROM (
    SELECT
        uuid, 'display_name' AS field, valid_from,
        lag(display_name) OVER (PARTITION BY uuid ORDER BY valid_from) AS before,
        display_name AS after
    FROM entities_entity
    WHERE system_to IS NULL AND valid_from <= %(to)s
        AND (valid_to IS NULL OR valid_to >= %(from)s)
    UNION ALL
    SELECT
        entity_uuid, detail_code, valid_from,
        lag(value) OVER (PARTITION BY entity_uuid, detail_code ORDER BY valid_from),
        value
    FROM entities_entitydetail
    WHERE system_to IS NULL AND valid_from <= %(to)s
        AND (valid_to IS NULL OR valid_to >= %(from)s)
) AS step
WHERE valid_from >= %(from)s AND before IS DISTINCT FROM after
