-- What the instant that a backfill sets has to be compared with: the clock, and the greatest instant
-- stored in the registers it writes. Others may hold later instants.
-- parameters: models (text[], the labels of things and of what they contain)
-- rows: (clock timestamptz, stored timestamptz, allowed: this role owns the audit log)
SELECT
    clock_timestamp() AS clock,
    (
        SELECT entry.instant FROM core_auditentry AS entry
        WHERE entry.model = ANY(%(models)s::text[])
        ORDER BY entry.instant DESC
        LIMIT 1
    ) AS stored,
    set_config('core.backfill', 'on', true) = 'on'
        AND core_may_backfill('core_auditentry'::regclass) AS allowed
