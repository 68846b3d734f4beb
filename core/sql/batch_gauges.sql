-- batch_gauges: how much there is to do, and who does it.
-- Parameters: seconds (without a sign of life after which a worker is taken for gone).
-- Rows: one (batches in the queue, batches that run, seconds since the oldest of the queue was
--   queued, workers).
SELECT
    count(*) FILTER (WHERE state = 'queued'),
    count(*) FILTER (WHERE state = 'running'),
    coalesce(extract(epoch FROM now() - min(queued_at) FILTER (WHERE state = 'queued')), 0),
    (
        SELECT count(*) FROM procrastinate_workers
        WHERE last_heartbeat > now() - make_interval(secs => %(seconds)s)
    )
FROM core_ingestbatch
WHERE state IN ('queued', 'running')
