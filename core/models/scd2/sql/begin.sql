-- The state of the transaction a call runs in, and the first of its apps that is not active.
-- parameters: apps text[] (their labels)
-- rows: (isolation text, clock timestamptz, slug text or null, mode text, reason text)
SELECT
    current_setting('transaction_isolation') AS isolation,
    clock_timestamp() AS clock,
    control.slug,
    control.mode,
    control.reason
FROM (VALUES (1)) AS one (row)
LEFT JOIN core_appcontrol AS control
    ON control.slug = ANY (%(apps)s) AND control.mode <> 'active'
ORDER BY control.slug
LIMIT 1
