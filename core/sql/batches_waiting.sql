-- batches_waiting: uploaded batches that no process runs: those in the queue, and running ones
-- whose process is gone; those of an app that is not active wait. It looks at the locks without taking one, so it is in nobody's way.
-- Parameters: none. Rows: (id), the oldest first.
SELECT id
FROM core_ingestbatch
WHERE state IN ('queued', 'running')
  AND queued_at IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM core_appcontrol
      WHERE slug = split_part(core_ingestbatch.model, '.', 1) AND mode <> 'active'
  )
  AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_locks
      WHERE locktype = 'advisory'
        AND granted
        AND objsubid = 1
        AND database = (
            SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()
        )
        AND (classid::bigint << 32 | objid::bigint)
            = hashtextextended('core_ingestbatch', core_ingestbatch.id)
  )
ORDER BY id
