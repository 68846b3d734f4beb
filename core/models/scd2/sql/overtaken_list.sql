-- The Changes that were overtaken, of one model, by ordinal.
-- parameters: most (NULL is all); rows: (ordinal, since, key columns)
SELECT found.ordinal, found.since, {found_key}
FROM {overtaken} AS found
ORDER BY found.ordinal, {found_key}
LIMIT %(most)s
