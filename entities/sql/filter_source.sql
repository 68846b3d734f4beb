-- parameters: source
AND version.uuid IN (
    SELECT named.uuid FROM entities_entityanchor AS named WHERE named.source = %(source)s
)
