-- throttle_forget: callers who have been idle so long that nothing is held against them.
-- Parameters: dry_run. Rows: one, (count).
WITH idle AS (
    SELECT caller FROM core_throttle WHERE due < statement_timestamp()
), gone AS (
    DELETE FROM core_throttle AS known USING idle
    WHERE known.caller = idle.caller AND known.due < statement_timestamp() AND NOT %(dry_run)s
)
SELECT count(*) FROM idle
