-- Take a transaction id before any lock, so that settled reads wait for this transaction.
SELECT pg_current_xact_id()
