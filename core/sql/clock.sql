-- The clock, or the greatest stored instant where that is later (a clock that was set back).
SELECT greatest(clock_timestamp(), (SELECT max(instant) FROM core_auditentry))
