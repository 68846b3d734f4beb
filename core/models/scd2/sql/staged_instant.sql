-- The instant of a load. Only where the clock lies behind the log are the things looked at.
-- rows: (instant timestamptz)
SELECT
    set_config('core.instant', taken.instant::text, true)::timestamptz AS instant
FROM (
    SELECT
        greatest(
            clock.clock,
            nullif(current_setting('core.instant', true), '')::timestamptz + interval '1 microsecond',
            CASE WHEN (SELECT max(latest.instant) FROM core_auditentry AS latest) >= clock.clock THEN (
                SELECT max(entry.instant) + interval '1 microsecond'
                FROM core_auditentry AS entry
                JOIN {changed} AS changed ON entry.uuid = {thing}
            ) END
        ) AS instant
    FROM (SELECT clock_timestamp() AS clock) AS clock
) AS taken
