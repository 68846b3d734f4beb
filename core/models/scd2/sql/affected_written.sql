-- affected_written
-- What the call of an instant, in this transaction, ended of one model, and what it corrected before
-- an instant. Contents that end because their container ends are not told by themselves.
-- parameters: instant, past, model, container (labels; the same for a container)
-- rows: (what, kind, root, start, ordinal)
SELECT DISTINCT ON (entry.what, entry.root, entry.kind)
    entry.what, entry.kind, entry.root, entry.start, staged.ordinal
FROM (
    SELECT
        CASE WHEN log.after IS NULL THEN 'ended' ELSE 'corrected' END AS what,
        {kind_of_log} AS kind,
        (log.natural_key ->> {root_name})::{type} AS root,
        min(log.valid_from) AS start
    FROM core_auditentry AS log
    WHERE log.instant = %(instant)s
        AND log.txid = pg_current_xact_id()
        AND log.model = %(model)s
        AND (log.after IS NULL OR (log.before IS NOT NULL AND log.valid_from < %(past)s))
        AND (
            %(model)s = %(container)s
            OR NOT EXISTS (
                SELECT FROM core_auditentry AS own
                WHERE own.instant = %(instant)s
                    AND own.txid = pg_current_xact_id()
                    AND own.model = %(container)s
                    AND own.uuid = log.uuid
                    AND own.after IS NULL
                    AND own.valid_from <= log.valid_from
                    AND (own.valid_to IS NULL OR own.valid_to > log.valid_from)
            )
        )
    GROUP BY 1, 2, 3
) AS entry
LEFT JOIN {staged} AS staged
    ON staged.{root} = entry.root AND {staged_kind} IS NOT DISTINCT FROM entry.kind
    AND staged.ordinal <> 0
ORDER BY
    entry.what,
    entry.root,
    entry.kind,
    (coalesce(staged.valid_from, %(instant)s) <= entry.start) DESC,
    coalesce(staged.valid_from, %(instant)s) DESC,
    staged.ordinal
