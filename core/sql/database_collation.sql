-- The version of the collation that a database's indexes were built with, and that of the library
-- now; NULL where the collation has none. From PostgreSQL 15 on.
-- rows: (recorded text, actual text)
SELECT datcollversion, pg_database_collation_actual_version(oid)
FROM pg_database
WHERE datname = current_database()
