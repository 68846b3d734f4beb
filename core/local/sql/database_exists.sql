-- database_exists: whether there is a database of this name.
-- parameters: name.
-- rows: one, if there is.
SELECT 1 FROM pg_catalog.pg_database WHERE datname = %(name)s
