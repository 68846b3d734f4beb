-- What is marked as personal data now.
-- rows: one, of text[]: (names: types that mark the column of their things, details: types of details
--       whose values are, others: the types that are not among names)
WITH {kinds}
SELECT
    ARRAY(SELECT key FROM jsonb_each(kinds.names) WHERE value::boolean) AS names,
    ARRAY(SELECT key FROM jsonb_each(kinds.details) WHERE (value -> 1)::boolean) AS details,
    ARRAY(SELECT key FROM jsonb_each(kinds.names) WHERE NOT value::boolean) AS others
FROM kinds
