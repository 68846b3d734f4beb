-- The instant and the transaction id that the rows of a load carry.
-- rows: (instant timestamptz, txid text)
SELECT clock_timestamp(), pg_current_xact_id()::text
