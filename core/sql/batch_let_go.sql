-- batch_let_go: the process of a batch has nothing left to do.
-- Parameters: id. Rows: one, of no interest.
SELECT pg_advisory_unlock(hashtextextended('core_ingestbatch', %(id)s))
