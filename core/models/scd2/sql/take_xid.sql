-- The transaction's id, before its locks: what is settled is judged by it. Then the log, before
-- any anchor, in the mode of a writer: a backfill holds the whole log, so nobody who waits for
-- one may hold an anchor that it needs.
SELECT pg_current_xact_id();
LOCK TABLE core_auditentry IN ROW EXCLUSIVE MODE
