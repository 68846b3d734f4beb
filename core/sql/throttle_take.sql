-- throttle_take: count one call of a caller, if it may be made now.
-- Every call moves due on by the time that the rate has for it, from now at the earliest; a caller
-- may be ahead by as much as a burst of calls takes.
-- Parameters: caller, step (interval of one call), burst (interval).
-- Rows: one if the call may be made, none if not.
INSERT INTO core_throttle AS known (caller, due)
VALUES (%(caller)s, statement_timestamp() + %(step)s)
ON CONFLICT (caller) DO UPDATE
SET due = greatest(known.due, statement_timestamp()) + %(step)s
WHERE known.due + %(step)s <= statement_timestamp() + %(burst)s
RETURNING due
