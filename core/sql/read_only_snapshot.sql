-- One snapshot for every statement of the transaction, and no way to write.
-- rows: none
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY
