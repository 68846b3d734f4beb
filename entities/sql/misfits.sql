-- Texts that do not match their pattern as a whole.
-- parameters: positions, patterns, texts; rows: (position)
SELECT position
FROM unnest(%(positions)s::int[], %(patterns)s::text[], %(texts)s::text[])
    AS held (position, pattern, text)
WHERE text !~ ('^(?:' || pattern || ')$')
