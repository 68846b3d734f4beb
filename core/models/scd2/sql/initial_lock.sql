-- Nobody reads or writes the table until the load commits.
LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE
