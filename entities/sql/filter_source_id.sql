-- parameters: source_id
AND version.uuid IN (
    SELECT named.uuid FROM entities_entityanchor AS named WHERE named.source_id = %(source_id)s
)
