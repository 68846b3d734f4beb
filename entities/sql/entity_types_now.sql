-- The entity types that are valid now.
-- rows: (code)
SELECT code FROM entities_entitytype AS version
WHERE system_to IS NULL
    AND valid_from <= clock_timestamp()
    AND (valid_to IS NULL OR valid_to > clock_timestamp())
