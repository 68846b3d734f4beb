-- The state of the transaction a call runs in.
-- rows: (isolation text, clock timestamptz)
SELECT current_setting('transaction_isolation') AS isolation, clock_timestamp() AS clock
