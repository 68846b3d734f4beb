-- Who holds a detail.
-- parameters: its code, known_at
AND EXISTS (
    SELECT FROM entities_entitydetail AS held
    WHERE held.entity_uuid = version.uuid
        AND held.detail_code = {code}
        AND held.valid_from <= {as_of}
        AND (held.valid_to IS NULL OR held.valid_to > {as_of} OR held.closed_at > %(known_at)s)
        AND (%(known_at)s::timestamptz IS NULL OR held.system_from <= %(known_at)s)
        AND (held.system_to IS NULL OR held.system_to > %(known_at)s)
        {value}
)
