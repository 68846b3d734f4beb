-- Twice, so that each half has an index: names believed now, and those superseded since.
-- parameters: name (a pattern of ILIKE), known_at
AND (
    version.system_to IS NULL AND version.display_name ILIKE %(name)s
    OR version.system_to > %(known_at)s AND version.display_name ILIKE %(name)s
)
