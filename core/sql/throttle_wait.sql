-- throttle_wait: how long a caller has to wait until a call may be made.
-- Parameters: caller, step, burst.
-- Rows: one, (seconds double precision).
SELECT extract(epoch FROM due + %(step)s - %(burst)s - statement_timestamp())::double precision
FROM core_throttle
WHERE caller = %(caller)s
