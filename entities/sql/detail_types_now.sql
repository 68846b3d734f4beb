-- The detail types that are valid now.
-- parameters: codes (NULL is all); rows: (code, data_type, pattern)
SELECT code, data_type, pattern FROM entities_detailtype AS version
WHERE system_to IS NULL
    AND valid_from <= clock_timestamp()
    AND (valid_to IS NULL OR valid_to > clock_timestamp())
    AND (%(codes)s::text[] IS NULL OR code = ANY(%(codes)s::text[]))
