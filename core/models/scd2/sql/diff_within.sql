-- Only things of which some version names this in a column; a page is then narrowed down exactly.
-- parameters: within
AND {root} IN (SELECT held.{anchor} FROM {table} AS held WHERE held.{column} = %(within)s)
