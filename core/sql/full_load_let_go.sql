-- full_load_let_go: let the next full load of a source go on.
-- Parameters: name. Rows: one, of no interest.
SELECT pg_advisory_unlock(hashtextextended('core_full_load', hashtextextended(%(name)s, 0)))
