-- Whether this role may alter a table.
-- parameters: table; rows: (boolean)
SELECT pg_has_role(relation.relowner, 'USAGE') FROM pg_class AS relation
WHERE relation.oid = quote_ident(%(table)s)::regclass
