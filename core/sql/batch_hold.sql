-- batch_hold: keep the lock by which others see that the process of a batch is alive.
-- Parameters: id. Rows: one, of no interest.
SELECT pg_advisory_lock(hashtextextended('core_ingestbatch', %(id)s))
