-- Room to sort in while indexes are made, to the end of the transaction.
SET LOCAL maintenance_work_mem = '256MB'
