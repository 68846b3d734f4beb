-- batch_orphans: running batches whose process is gone and that nobody takes up again; until the
-- end of the transaction nobody else finds them.
-- Parameters: none. Rows: (id).
WITH running AS MATERIALIZED (
    SELECT id FROM core_ingestbatch WHERE state = 'running' AND queued_at IS NULL
)
SELECT id FROM running WHERE pg_try_advisory_xact_lock(hashtextextended('core_ingestbatch', id))
