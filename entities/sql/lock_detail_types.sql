-- Hold on to detail types, so that none changes its data type before what was checked is written.
-- parameters: codes; rows: (code)
SELECT code FROM entities_detailtypeanchor WHERE code = ANY(%(codes)s::text[]) ORDER BY code
FOR KEY SHARE
