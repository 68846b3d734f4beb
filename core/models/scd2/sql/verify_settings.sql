-- Whole tables are compared, through cursors: the last row counts, not the first, for which the planner
-- would look through all of one table for every row of another that it knows little about.
SELECT
    set_config('cursor_tuple_fraction', '1', true),
    set_config('enable_nestloop', 'off', true)
