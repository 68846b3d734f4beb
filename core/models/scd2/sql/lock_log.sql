-- A backfill writes instants of the past, so nobody else may be writing any.
LOCK TABLE core_auditentry IN SHARE ROW EXCLUSIVE MODE
