-- Fails for what is not a regular expression, by itself and as part of a larger one.
-- parameters: pattern; rows: (matches boolean)
SELECT '' ~ %(pattern)s OR '' ~ ('^(?:' || %(pattern)s || ')$') AS matches
