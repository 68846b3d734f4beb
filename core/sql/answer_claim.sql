-- Whether nobody else carries out the call of this name just now; to the end of the transaction.
-- Parameters: name. Rows: (is ours).
SELECT pg_try_advisory_xact_lock(hashtextextended(%(name)s, 0))
