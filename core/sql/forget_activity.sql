-- Look at the activity of other sessions anew: a transaction sees it as at its first look.
SELECT pg_stat_clear_snapshot()
