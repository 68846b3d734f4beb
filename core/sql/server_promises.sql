-- What the server promises to settled reads and guards.
-- rows: (prepared int, activities boolean, isolation text, sees all boolean, owns boolean)
SELECT
    current_setting('max_prepared_transactions')::int,
    current_setting('track_activities')::boolean,
    current_setting('default_transaction_isolation'),
    pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
    EXISTS (
        SELECT FROM pg_class
        WHERE relname = 'core_auditentry' AND pg_has_role(current_user, relowner, 'MEMBER')
    )
