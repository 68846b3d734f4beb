-- The enabled triggers of this database.
-- rows: (name)
SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')
