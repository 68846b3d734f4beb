-- batch_take: keep the lock by which others see that the process of a batch is alive, if nobody
-- has it.
-- Parameters: id. Rows: one (whether it is ours now).
SELECT pg_try_advisory_lock(hashtextextended('core_ingestbatch', %(id)s))
