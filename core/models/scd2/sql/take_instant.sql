-- The system instant of a call: later than every instant on the things it touches and than any
-- earlier call of this transaction.
-- parameters: things (uuid[]); rows: (instant timestamptz)
SELECT
    set_config('core.instant', taken.instant::text, true)::timestamptz AS instant
FROM (
    SELECT
        greatest(
            clock.clock,
            nullif(current_setting('core.instant', true), '')::timestamptz + interval '1 microsecond',
            (SELECT max(entry.instant) FROM core_auditentry AS entry
             WHERE entry.uuid = ANY(%(things)s::uuid[])) + interval '1 microsecond'
        ) AS instant
    FROM (SELECT clock_timestamp() AS clock) AS clock
) AS taken
