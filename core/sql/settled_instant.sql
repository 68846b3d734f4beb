-- The latest instant at or before which nothing can appear any more.
-- The clock is that of the statement's arrival: read later, it could lie after the instant of a
-- transaction that began once the activity had been looked at.
-- rows: (isolation text; hidden: a transaction whose start cannot be seen, prepared: one that
--        outlives its session, standby: this server takes no writes, settled timestamptz)
SELECT
    current_setting('transaction_isolation') AS isolation,
    EXISTS (
        SELECT FROM pg_stat_activity
        WHERE datid IS NOT DISTINCT FROM (SELECT oid FROM pg_database WHERE datname = current_database())
            AND pid <> pg_backend_pid()
            AND (backend_xid IS NOT NULL AND xact_start IS NULL OR query = '<insufficient privilege>')
    ) AS hidden,
    EXISTS (SELECT FROM pg_prepared_xacts WHERE database = current_database()) AS prepared,
    pg_is_in_recovery() AS standby,
    least(
        statement_timestamp(),
        (
            SELECT min(xact_start) FROM pg_stat_activity
            WHERE datname = current_database()
                AND pid <> pg_backend_pid()
                AND backend_xid IS NOT NULL
        )
    ) - interval '1 microsecond' AS settled
