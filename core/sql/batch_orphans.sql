-- batch_orphans: running batches whose process is gone; until the end of the transaction nobody
-- else finds them.
-- Parameters: none. Rows: (id).
WITH running AS MATERIALIZED (
    SELECT id FROM core_ingestbatch WHERE state = 'running'
)
SELECT id FROM running WHERE pg_try_advisory_xact_lock(hashtextextended('core_ingestbatch', id))
