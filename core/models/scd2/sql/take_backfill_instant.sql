-- The instant that a backfill sets, and what it has to be compared with.
-- parameters: instant; rows: (instant, txid text, clock timestamptz, greatest stored instant,
--             allowed: this role owns the audit log)
SELECT
    %(instant)s::timestamptz AS instant,
    pg_current_xact_id()::text AS txid,
    clock_timestamp() AS clock,
    (SELECT max(entry.instant) FROM core_auditentry AS entry) AS stored,
    set_config('core.backfill', 'on', true) = 'on'
        AND core_may_backfill('core_auditentry'::regclass) AS allowed
