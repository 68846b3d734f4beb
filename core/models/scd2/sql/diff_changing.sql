-- Without versions that hold throughout the window under both beliefs: where nothing else does,
-- there is no change.
-- parameters: start, last, earlier, later
AND (
    version.valid_from >= %(start)s
    OR version.valid_to <= %(last)s
    OR version.system_from > %(earlier)s
    OR version.system_to <= %(later)s
)
