-- full_load_hold: let one full load of a source go on at a time; the lock stays with the session.
-- Parameters: name. Rows: one, of no interest.
SELECT pg_advisory_lock(hashtextextended('core_full_load', hashtextextended(%(name)s, 0)))
