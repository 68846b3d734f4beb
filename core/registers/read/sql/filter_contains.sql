-- Twice, so that each half has an index: texts believed now, and those superseded since.
-- parameters: the value (a pattern of LIKE over search keys), known_at
AND (
    version.system_to IS NULL AND {key} LIKE {value}
    OR version.system_to > %(known_at)s AND {key} LIKE {value}
)
