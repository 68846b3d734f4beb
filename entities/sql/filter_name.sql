-- Twice, so that each half has an index: names believed now, and those superseded since.
-- parameters: name (a pattern of LIKE over search keys), known_at
AND (
    version.system_to IS NULL AND core_search_key(version.display_name) LIKE %(name)s
    OR version.system_to > %(known_at)s AND core_search_key(version.display_name) LIKE %(name)s
)
