(
    -- Where the belief about the instant just before the window changed.
    -- parameters: start, earlier, later, after, only, limit
    SELECT DISTINCT {root} AS root FROM core_auditentry AS entry
    WHERE entry.instant > %(earlier)s AND entry.instant <= %(later)s
        AND entry.model = {model}
        AND entry.valid_from < %(start)s
        AND (entry.valid_to IS NULL OR entry.valid_to >= %(start)s)
        AND (%(after)s::{type} IS NULL OR {root} {beyond} %(after)s::{type})
        AND (%(only)s::{type} IS NULL OR {root} = %(only)s::{type})
        {within}
        {anchored}
    ORDER BY {root} {order} LIMIT %(limit)s
)
